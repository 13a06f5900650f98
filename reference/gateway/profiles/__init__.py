"""The wire profiles in use in the provinces, one module or folder each; `ALL` is the registration.

Sichuan ``X.M.0.1`` (default), Qinghai SOAP, Guangdong ``api/do``, Wenzhou trade codes, Tencent's open platform.
"""

from __future__ import annotations

from collections.abc import Callable

from reference.gateway.profiles.sichuan import Sichuan
from reference.gateway.profiles.sichuan_client import SichuanClient
from reference.gateway.wire import Credentials, WireClient, WireProfile

ALL: tuple[WireProfile, ...] = (Sichuan(),)
"""Every profile that the gateway speaks."""

CLIENTS: dict[str, Callable[[Credentials], WireClient]] = {"sichuan": SichuanClient}
"""The client side of each profile."""
