"""Long work: asked for inside the business transaction, done by whichever process has a hand free.

- `tasks`: what can be asked for, declared by a stable name (the `tasks` hook)
- `asking`: the one function that asks; a row in the caller's transaction
- `claiming`: a lease on a row, renewed while it is worked on
- `running`: one piece of work from claim to end: done, again later, put off after an error, given up
- `carrying`: where a distributed queue hears of rows; without one, threads look for them
- `tending`: dead work asked for again or dropped, old rows forgotten

Rows are the truth and a queue only says "look at row 7": lost, doubled or late messages of the queue change nothing.
"""
