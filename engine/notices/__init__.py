"""Telling people: `inbox` puts a notice in front of a person, `wording` reads it out, the outbox carries it elsewhere."""
