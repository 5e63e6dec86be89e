"""What is done at a terminal.

For an administrator: `flask people`, `packs`, `adopt`, `clauses`, `import`, `backup`, `restore`, `restore-drill`,
`move`, `verify-audit`, `audit-head`, `retire-audit`, `rotate-keys`, `rehearse`, `sending`, `sweep`. For who writes
code: `flask new-domain`, `hooks`, `permissions` and `commands`. All of them: `docs/commands.md`.
"""

from flask import Flask

from engine.commands.adopt import adopt
from engine.commands.audit_head import audit_head
from engine.commands.backup import backup, backups, verify_backup
from engine.commands.clauses import clauses
from engine.commands.commands import commands
from engine.commands.hooks import hooks
from engine.commands.import_file import import_file
from engine.commands.new_domain import new_domain
from engine.commands.packs import packs
from engine.commands.people import people
from engine.commands.permissions import permissions
from engine.commands.rehearse import rehearse
from engine.commands.reindex import reindex
from engine.commands.restore import move, restore, restore_drill
from engine.commands.retire_audit import retire_audit
from engine.commands.rotate_keys import rotate_keys
from engine.commands.sending import sending
from engine.commands.sweep import sweep
from engine.commands.terminal import in_own_words
from engine.commands.verify_audit import verify_audit
from engine.registry import registry

COMMANDS = (
    adopt,
    audit_head,
    backup,
    backups,
    clauses,
    commands,
    hooks,
    import_file,
    move,
    new_domain,
    packs,
    people,
    permissions,
    reindex,
    rehearse,
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
    """Add the commands to an application made by `create_app`. Domains know nothing of Flask: theirs get context."""
    for command in (*COMMANDS, *(command for brought in registry.hook.commands() for command in brought)):
        app.cli.add_command(in_own_words(command))
