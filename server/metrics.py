"""Figures for Prometheus: what the processes counted, and what the database says at the moment of asking.

Labels are names from the code (routes, states, tasks): no ids, no data of records. With several web processes their
counts are added up in files (PROMETHEUS_MULTIPROC_DIR, which `flask web` sets); what the database says is the same
for all of them.
"""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import Engine, QueuePool
from sqlalchemy.orm import Session

from server import figures

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
STEPS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

disable_created_metrics()  # type: ignore[no-untyped-call]  # the library's own
REQUESTS = Counter("dutybook_requests", "Requests answered", ("method", "route", "status"))
SECONDS = Histogram(
    "dutybook_request_seconds", "From the first byte in to the last byte out", ("route",), buckets=STEPS
)
IN_USE = Gauge(
    "dutybook_database_connections_in_use", "Of the processes that answer the web", multiprocess_mode="livesum"
)
POOL = Gauge("dutybook_database_connections_most", "What they may use at most", multiprocess_mode="livesum")


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Note one answered request; `route` is the rule, never the address."""
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)


def note_pool(engine: Engine) -> None:
    """Note how many connections this process has in use."""
    pool = engine.pool
    if isinstance(pool, QueuePool):
        IN_USE.set(pool.checkedout())
        POOL.set(pool.size() + pool._max_overflow)  # noqa: SLF001 the pool tells it nowhere else


def exposition(session: Session, now: datetime) -> bytes:
    """Everything in Prometheus' text form."""
    registry = CollectorRegistry()
    if os.environ.get(FOLDER):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library's own
        return generate_latest(registry) + _of_database(session, now)
    return generate_latest(REGISTRY) + _of_database(session, now)


def _of_database(session: Session, now: datetime) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Answers([_family(figure) for figure in figures.read(session, now)]))
    return generate_latest(registry)


def _family(figure: figures.Figure) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"dutybook_{figure.name}", figure.says, labels=figure.labels)
    for labels, value in figure.values:
        family.add_metric(list(labels), value)
    return family


class _Answers:
    """Hands on what was just read."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        """As Prometheus' client asks."""
        return iter(self._families)
