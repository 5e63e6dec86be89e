"""Obligations: declared by domains (`kinds`), opened and met by records (`keeping`), timed by the pack (`steps`)."""
