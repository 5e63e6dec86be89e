"""Events for other programs: read off the audit chain, signed, sent at least once with a fixed identity."""
