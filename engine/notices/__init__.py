"""Telling people: `inbox` puts a notice before a person, `wording` reads it out, the outbox carries it elsewhere."""
