"""`flask clauses`: what holds each clause, and which tests prove it. Needs no database."""

import json
from collections.abc import Sequence
from typing import Any

import click
from flask.cli import with_appcontext

from engine.rulebook import Holding, holdings
from engine.rulebook.proof import proofs


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@with_appcontext
def clauses(as_json: bool) -> None:  # noqa: FBT001 click hands options over by name
    """List every clause with the rules, obligations, records and tests that hold it."""
    proven = proofs()
    for name, held in holdings().items():
        row = described(held, proven.get(name, ()))
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else _line(row))


def described(held: Holding, tests: Sequence[str]) -> dict[str, Any]:
    """The clause as a JSON object: names only, in a stable order."""
    return {
        "id": held.clause.id,
        "chapter": held.clause.chapter,
        "title": held.clause.title.words,
        "sources": list(held.clause.sources),
        "built": held.built,
        "rules": [rule.name for rule in held.rules],
        "moves": [move.key for move in held.moves],
        "obligations": [duty.name for duty in held.obligations],
        "records": [model.__tablename__ for model in held.records],
        "tests": list(tests),
    }


def _line(row: dict[str, Any]) -> str:
    state = "built" if row["built"] else "-"
    counts = " ".join(f"{what}={len(row[what])}" for what in ("rules", "moves", "obligations", "records", "tests"))
    return f"{row['id']:<8} {'/'.join(row['sources']):<10} {state:<6} {counts}  {row['title']['en']}"
