"""The wire profiles in use in the provinces, one module or folder each; `ALL` is the registration.

Sichuan ``X.M.0.1`` (default), Qinghai SOAP, Guangdong ``api/do``, Wenzhou trade codes, Tencent's open platform.
"""

from __future__ import annotations

from collections.abc import Callable

from reference.gateway.profiles.guangdong import Guangdong
from reference.gateway.profiles.guangdong_client import GuangdongClient
from reference.gateway.profiles.qinghai import Qinghai
from reference.gateway.profiles.qinghai_client import QinghaiClient
from reference.gateway.profiles.sichuan import Sichuan
from reference.gateway.profiles.sichuan_client import SichuanClient
from reference.gateway.profiles.tencent import Tencent
from reference.gateway.profiles.tencent_client import TencentClient
from reference.gateway.profiles.wenzhou import Wenzhou
from reference.gateway.profiles.wenzhou_client import WenzhouClient
from reference.gateway.wire import Credentials, WireClient, WireProfile

ALL: tuple[WireProfile, ...] = (Sichuan(), Qinghai(), Guangdong(), Wenzhou(), Tencent())
"""Every profile that the gateway speaks."""

CLIENTS: dict[str, Callable[[Credentials], WireClient]] = {
    "sichuan": SichuanClient,
    "qinghai": QinghaiClient,
    "guangdong": GuangdongClient,
    "wenzhou": WenzhouClient,
    "tencent": TencentClient,
}
"""The client side of each profile."""
