"""What is done at a terminal.

For an administrator: `flask clauses`, `adopt`, `verify-audit`, `rotate-keys`, `sweep`. For whoever writes code:
`flask new-domain` and `flask hooks`.
"""

from flask import Flask

from engine.commands.adopt import adopt
from engine.commands.clauses import clauses
from engine.commands.hooks import hooks
from engine.commands.new_domain import new_domain
from engine.commands.rotate_keys import rotate_keys
from engine.commands.sweep import sweep
from engine.commands.verify_audit import verify_audit

COMMANDS = (adopt, clauses, hooks, new_domain, rotate_keys, sweep, verify_audit)


def init_app(app: Flask) -> None:
    """Add the commands to an application made by `create_app`."""
    for command in COMMANDS:
        app.cli.add_command(command)
