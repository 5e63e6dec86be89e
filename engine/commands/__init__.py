"""What is done at a terminal.

For an administrator: `flask clauses`, `adopt`, `import`, `verify-audit`, `audit-head`, `retire-audit`, `rotate-keys`,
`sending`, `sweep`. For who writes code: `flask new-domain`, `flask hooks` and `flask permissions`.
"""

import click
from flask import Flask
from flask.cli import with_appcontext

from engine.commands.adopt import adopt
from engine.commands.audit_head import audit_head
from engine.commands.backup import backup, backups, verify_backup
from engine.commands.clauses import clauses
from engine.commands.hooks import hooks
from engine.commands.import_file import import_file
from engine.commands.new_domain import new_domain
from engine.commands.permissions import permissions
from engine.commands.restore import move, restore, restore_drill
from engine.commands.retire_audit import retire_audit
from engine.commands.rotate_keys import rotate_keys
from engine.commands.sending import sending
from engine.commands.sweep import sweep
from engine.commands.verify_audit import verify_audit
from engine.registry import registry

COMMANDS = (
    adopt,
    audit_head,
    backup,
    backups,
    clauses,
    hooks,
    import_file,
    move,
    new_domain,
    permissions,
    restore,
    restore_drill,
    retire_audit,
    rotate_keys,
    sending,
    sweep,
    verify_audit,
    verify_backup,
)


def init_app(app: Flask) -> None:
    """Add the commands to an application made by `create_app`."""
    for command in COMMANDS:
        app.cli.add_command(command)
    for brought in registry.hook.commands():
        for command in brought:
            app.cli.add_command(_in_context(command))


def _in_context(command: click.Command) -> click.Command:
    """Domains know nothing of Flask: whoever runs their command gives it the application's context, once."""
    if command.callback is not None and not hasattr(command.callback, "__wrapped__"):
        command.callback = with_appcontext(command.callback)
    return command
