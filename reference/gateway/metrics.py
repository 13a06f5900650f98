"""Health and metrics of one worker: ``/health`` for balancers, ``/metrics`` for Prometheus.

Labels are names of profiles, services and refusals only: never a person, a card or an application.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reference.gateway.health import Health
from reference.platform import Platform

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Seconds of an answer."""


class Metrics:
    """The counters of one worker, noted in its event loop alone: plain numbers, made into metrics when asked for."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(self)
        self._health: Health | None = None
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)

    def note(self, profile: str, service: str, outcome: str, seconds: float) -> None:
        """Count one answer."""
        self._counts[profile, service, outcome] += 1
        buckets = self._buckets.get(profile)
        if buckets is None:
            buckets = self._buckets[profile] = [0] * (len(BUCKETS) + 1)
        buckets[bisect_left(BUCKETS, seconds)] += 1
        if self._health is not None:
            self._health.note(outcome)
        self._seconds[profile] += seconds

    def collect(self) -> Iterator[Metric]:
        """The metrics as Prometheus' library wants them."""
        answers = CounterMetricFamily(
            "healthcard_answers", "Answers by outcome.", labels=["profile", "service", "outcome"]
        )
        for labels, count in self._counts.items():
            answers.add_metric(labels, count)
        yield answers
        seconds = HistogramMetricFamily(
            "healthcard_answer_seconds", "Seconds from request to answer.", labels=["profile"]
        )
        for profile, counts in self._buckets.items():
            bounds = [*(str(float(bound)) for bound in BUCKETS), "+Inf"]
            seconds.add_metric([profile], list(zip(bounds, accumulate(counts), strict=True)), self._seconds[profile])
        yield seconds

    def routes(self, platform: Platform) -> list[BaseRoute]:
        """``/health`` and ``/metrics``."""

        self._health = told = Health(platform.surroundings)

        async def health(request: Request) -> Response:
            parts = await told.parts()
            body = {"status": "ok" if all(parts.values()) else "failing", "parts": parts}
            status = 200 if all(parts.values()) else 503
            return Response(msgspec.json.encode(body), status, media_type="application/json")

        async def metrics(request: Request) -> Response:
            return Response(generate_latest(self.registry), headers={"content-type": CONTENT_TYPE_LATEST})

        return [Route("/health", health), Route("/metrics", metrics)]
