"""Reading what people export from other systems, and writing back what could not be taken (DAT-1).

Pure functions: no database, no web. The way of a file:

- `reading.open_table`: bytes to a Table, refused early when it is too large or not what it claims
- `columns.guess_mapping`, `columns.fingerprint`: which column is which field
- `rows.detect_format`: how dates and lengths of time are written; `ambiguity.Ambiguous` when the user must say
- `rows.parse_row`: a row's values and all its problems
- `writing.rows_to_xlsx`: the refused rows with the reasons, to mend and import again
"""
