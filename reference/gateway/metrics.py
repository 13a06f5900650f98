"""Health and metrics of one worker: ``/health`` for balancers, ``/metrics`` for Prometheus.

Labels are names of profiles, services and refusals only: never a person, a card or an application.
"""

from __future__ import annotations

import msgspec
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reference.platform import Platform
from reference.ports import CryptoMachineRefused, CryptoMachineUnavailable, ProductUnreachable

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Seconds of an answer."""


class Metrics:
    """The counters of one worker."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answers = Counter(
            "healthcard_answers", "Answers by outcome.", ["profile", "service", "outcome"], registry=self.registry
        )
        self._seconds = Histogram(
            "healthcard_answer_seconds", "Seconds from request to answer.", ["profile"],
            buckets=BUCKETS, registry=self.registry,
        )  # fmt: skip
        # Looking labels up costs more than counting: each combination is looked up once.
        self._counts: dict[tuple[str, str, str], Counter] = {}
        self._times: dict[str, Histogram] = {}

    def note(self, profile: str, service: str, outcome: str, seconds: float) -> None:
        """Count one answer."""
        key = (profile, service, outcome)
        count = self._counts.get(key)
        if count is None:
            count = self._counts[key] = self._answers.labels(profile, service, outcome)
        count.inc()
        times = self._times.get(profile)
        if times is None:
            times = self._times[profile] = self._seconds.labels(profile)
        times.observe(seconds)

    def routes(self, platform: Platform) -> list[BaseRoute]:
        """``/health`` and ``/metrics``."""

        async def health(request: Request) -> Response:
            parts = await run_in_threadpool(_health, platform)
            body = {"status": "ok" if all(parts.values()) else "failing", "parts": parts}
            status = 200 if all(parts.values()) else 503
            return Response(msgspec.json.encode(body), status, media_type="application/json")

        async def metrics(request: Request) -> Response:
            return Response(generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST})

        return [Route("/health", health), Route("/metrics", metrics)]


def _health(platform: Platform) -> dict[str, bool]:
    """Whether store and crypto machine answer."""
    parts = {"store": True, "crypto-machine": True}
    try:
        with platform.surroundings.store.read() as connection:
            connection.execute(text("SELECT 1"))
    except ProductUnreachable:
        parts["store"] = False
    try:
        platform.surroundings.machine.heartbeat()
    except (CryptoMachineUnavailable, CryptoMachineRefused):
        parts["crypto-machine"] = False
    return parts
