"""Obligations: declared by domains (`kinds`), opened and met by the records themselves (`keeping`), timed by the pack (`steps`)."""
