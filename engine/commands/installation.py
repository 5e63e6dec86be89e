"""The installation that a command is about: its settings, its database and folder, its migrations."""

from alembic.config import Config
from flask import current_app

from engine.backup.scheduling import Plan
from engine.backup.taking import Place
from engine.config import Settings


def settings_here() -> Settings:
    """As this process was started with."""
    settings: Settings = current_app.config["DUTYBOOK"]
    return settings


def place_here() -> Place:
    """What is backed up and filled."""
    settings = settings_here()
    return Place(settings.database_url, settings.instance_dir, settings.secrets())


def migrations() -> Config:
    """The program's and its plugins'."""
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return config


def plan_of(settings: Settings) -> Plan:
    """When and where backups are made."""
    return Plan(
        settings.backup_dir,
        settings.backup_key_file,
        settings.backup_at,
        settings.backup_minutes,
        settings.backup_days,
        settings.backup_weeks,
        settings.drill_days,
    )
