"""What is: the department's records as tables. One file a domain: columns, enums, relations, cheap properties.

This is the lowest layer. It knows nothing of rules, screens or jobs.
"""
