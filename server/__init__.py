"""Running as processes: web, ticker, long work, and what watches over them. No other folder knows of these.

- `commands`: `flask prepare`, `serve`, `web`, `scheduler`, `worker`
- `migration`: brings the database to the newest revision, with a copy kept first
- `own_keys`: whether the keys here are those of the database
- `web`: waitress, for one process; `gunicorn_settings`, for many; `proxies`: what those in front are believed
- `ticker`: APScheduler, only as the clock that asks what is due; `due`: what it asks
- `bench`: does one piece of long work; `embedded`: threads that look for it; `queue`, `queue_schema`: procrastinate
- `sending`: mail, group chats and calls as long work
- `watching`: id, log line and count of each request; `logs`: the form of a line
- `alive`: what a container asks itself; needs nothing of the above
- `health`: /healthz, /readyz, /metrics; `metrics`, `figures`: what they tell
"""

from flask import Flask

from server import commands, health, queue, watching

__all__ = ["init_app"]


def init_app(app: Flask) -> None:
    """Hang everything on an application made by `create_app`."""
    commands.init_app(app)
    queue.init_app(app)
    health.init_app(app)
    watching.init_app(app)
