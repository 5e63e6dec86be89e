"""A made-up department to look at: `flask demo`. Everything in it goes through the gate, as people's own work would.

- `people`: four teams, three channels, about sixty people in every role, and their accounts
- `contacts`: three months of customers' contacts
- `quality`: month by month, what inspectors, agents and supervisors do about them
- `story`: the order of events, with the clock set to when they happened
"""
