"""Accounts: who a person is, how they prove it, and how long that holds. Knows nothing of the web.

- `passwords`: hashing and what a password must be
- `graded`: what graded protection of networks asks beyond that, where it is switched on
- `throttle`: how many tries there are
- `login`: from a login and a password to a session
- `sessions`: sessions in the database, and every way they end
- `two_step`: codes from a phone, recovery codes
- `tokens`: how programs act for a person
- `one_time`: invitations and resets
- `own`: what people change on their own account
- `administration`: what administrators do to other people's accounts
- `actor`: an account as somebody who acts
- `setup`: the first start
"""
