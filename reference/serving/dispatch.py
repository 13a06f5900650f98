"""Which function serves which verb: the decorator is the registration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from reference.ecard.verbs import Answer, Caller
from reference.serving.surroundings import Surroundings

Service = Callable[[Surroundings, Caller, Any], Answer]
S = TypeVar("S", bound=Service)

_services: dict[type, Service] = {}


def serves(verb: type) -> Callable[[S], S]:
    """Mark a function as the service of a verb. Raises ValueError when the verb has one already."""

    def mark(service: S) -> S:
        if verb in _services:
            raise ValueError(f"{verb.__name__} is served by {_services[verb].__name__} already")
        _services[verb] = service
        return service

    return mark


def service_of(verb: type) -> Service:
    """The service of a verb. Raises KeyError when no imported room serves it."""
    return _services[verb]
