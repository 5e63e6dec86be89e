"""Faults put in on purpose: kills, stops, clocks, sinks, poison, disks, databases. docs/drills.md lists them.

- `nursery`, `scheduler`: real scheduler processes, started quickly, killed and stopped at will
- `sinks`: a mail server and a web server that misbehave when told
- `occurrences`: what falls due, and what must come of it, computed without the database
- `invariants`: what must hold after every drill (Q1 to Q6)

Each drill has a short form in `make test` and, marked `drill`, a long one in `make drill` that prints its figures.
"""
