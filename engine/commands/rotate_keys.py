"""`flask rotate-keys`: a new key for the encrypted fields."""

import click
from flask import current_app
from flask.cli import with_appcontext

from engine import crypto, key_rotation
from engine.acting import SYSTEM, Door, acting
from engine.backup import keys as backup_keys
from engine.commands.saying import refusals_said
from engine.database import db
from models.words import _


@click.command()
@click.option("--backups", is_flag=True, help="A new key for backups to come; the older ones keep theirs.")
@with_appcontext
def rotate_keys(*, backups: bool) -> None:
    """Make a new key and move every encrypted field over to it. Interrupted, the next call goes on where this stopped.

    Back up the key files first. Exit code 1 when a field could not be read; it stays as it is.
    """
    if backups:
        path = current_app.config["DUTYBOOK"].backup_key_file
        with refusals_said():
            name = backup_keys.add(path)
        click.echo(_("New backups are under the key %(key)s: copy %(path)s to a safe place.", key=name, path=path))
        return
    folder = current_app.config["DUTYBOOK"].instance_dir
    if key_rotation.is_under_way(folder):
        click.echo(_("An earlier rotation was interrupted: going on with it."))
    keys = key_rotation.begin(folder)
    cipher = crypto.FieldCipher(keys.field_keys, keys.current_field_key, keys.blind_index_key)
    crypto.configure(cipher)
    with acting(SYSTEM, Door.COMMAND):
        rotation = key_rotation.move_to_current_key(db.session(), cipher, _say)
    for place in rotation.unreadable:
        click.echo(_("Cannot be read, left as it is: %(place)s", place=place))
    key_rotation.end(folder)
    click.echo(_("Key %(key)s is in use; %(moved)s fields moved to it.", key=rotation.key, moved=rotation.moved))
    if rotation.unreadable:
        raise SystemExit(1)


def _say(place: str, moved: int) -> None:
    click.echo(f"{place}: {moved}")
