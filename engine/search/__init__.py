"""Searching texts of any length for any piece of them, in Chinese and in Latin letters, on both databases.

- `columns`: what is searched of an entity, declared on its model
- `grams`: texts as sets of numbers
- `keeping`: the index follows every write, inside the gate's flush
- `finding`: the condition of a search
- `rebuilding`: the index from the records, `flask reindex`
"""
