"""Running as a process: the web server, the ticker beside it, migrations before both. No other folder knows of these.

- `commands`: `flask prepare` and `flask serve`
- `migration`: brings the database to the newest revision, with a copy kept first
- `ticker`: APScheduler, only as the clock that asks what is due
- `web`: waitress
"""

from server.commands import init_app

__all__ = ["init_app"]
