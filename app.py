"""Puts Dutybook together: configuration, database, plugins, views, commands. Nothing else lives here."""

import gc

# What modules make lives as long as the process: looking through it for rubbish takes a third of the start.
gc.disable()

import importlib
import shlex
from collections.abc import Iterable
from functools import partial

from flask import Flask

import admin_views
import api
import demonstration.commands
import server
from admin_views.surfaces import surfaces
from engine import audit, commands, crypto, outside_plugins, scanning
from engine.accounts import graded
from engine.config import Settings
from engine.database import db, migrate, prepare
from engine.importing import files
from engine.permissions import matrix
from engine.registry import registry
from engine.secret_files import field_keys
from engine.tabular import limits
from plugins import BUILT_IN
from server import sending

# Nor is it looked through later.
gc.freeze()
gc.enable()


def create_app(settings: Settings | None = None, plugins: Iterable[object] = ()) -> Flask:
    """Build the application. `plugins` are further plugin objects, beside the built-in and the installed ones.

    Raises StartUpError when the settings speak against starting.
    """
    settings = settings or Settings.load()
    app = Flask(__name__, template_folder="admin_views/templates", static_folder="admin_views/static")
    app.config.update(settings.as_flask_config())
    _keys(settings)
    _domains(plugins)
    db.init_app(app)
    migrate.init_app(app, db)
    with app.app_context():
        prepare(db.engine)
    admin_views.init_app(app)
    api.init_app(app, surfaces(app))
    commands.init_app(app)
    server.init_app(app)
    demonstration.commands.init_app(app)
    return app


def _keys(settings: Settings) -> None:
    keys = settings.secrets()
    renew = partial(field_keys, settings.instance_dir)
    crypto.configure(crypto.FieldCipher(keys.field_keys, keys.current_field_key, keys.blind_index_key, renew))
    audit.ChainKey.value = keys.audit_key
    graded.Profile.is_on = settings.mlps
    scanning.Scanner.command = tuple(shlex.split(settings.scanner))
    limits.Standing.limits = limits.Limits(rows=settings.import_rows)
    files.Folder.path = settings.instance_dir / "imports"


def _domains(plugins: Iterable[object]) -> None:
    built_in = [importlib.import_module(name) for name in (*BUILT_IN, *admin_views.BUILT_IN, *api.BUILT_IN)]
    matrix.read_files()
    registry.load([*built_in, sending, *outside_plugins.found(), *plugins])
