"""What every domain stands on, one idea a file.

- `hooks`, `manifest`, `registry`: how a domain says what it brings, and where it is looked up
- `rules`, `gate`: what may be written, and the one place that asks
- `transitions`: the one function that changes a state
- `obligations`, `sweep`, `notices`: who owes what by when, and who is told
- `packs`: the rulebook as data and the value in force on a date
- `permissions`, `scope`: who may do what, and which rows they see
- `audit`, `acting`, `clock`, `workdays`: who, when, and on which days
"""
