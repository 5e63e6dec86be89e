"""Backups: taken while people work, encrypted under a key of their own, put back on either database.

- `keys`: the keys of backups, apart from the keys of the data
- `sealing`: encryption and authentication of a stream, chunk by chunk
- `kinds`, `tables`: rows as either database holds them, in one form, with a sum by which tables are compared
- `archive`: what stands in a backup and in which order
- `connecting`: connections past the gate: a snapshot to read, one transaction to write
- `taking`, `restoring`, `drilling`, `moving`: what is done with them
- `keeping`, `runs`: which backups are kept, and what became of each
"""
