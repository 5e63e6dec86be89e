"""Taking in what other systems exported, from the stored file to the last row (DAT-1).

- `importable`: what a domain says about itself so that files can bring its records
- `files`: uploaded files on the disk; `source`: their rows, found again by position
- `choices`: what the person decided; `mapping`: the first guess, and what was decided last time
- `unknown`: names that the database does not know, and what is to become of them
- `plan`: everything that stays the same from the first row to the last; `taking`: one batch of rows through the gate
- `refusing`: reasons and rows that were not taken; `running`: batch after batch; `lease`: one worker a job
- `work`: an import as a piece of long work, taken up by whichever process has a hand free
- `jobs`: what a page or a command does with a job
"""
