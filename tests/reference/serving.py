"""An application served over HTTP on a free loopback port, in a thread of the test, ended by it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from reference.gateway.short_way import ShortWay

SECONDS = 20.0
"""How long start, end and each answer may take."""


@contextmanager
def listening(application: Any, http: Any = ShortWay, **settings: Any) -> Iterator[str]:
    """The address of an ASGI application that answers until the block ends; ``http`` as the gateway is served."""
    config = uvicorn.Config(
        application,
        lifespan="on",
        log_level="error",
        ws="none",
        http=http,
        server_header=False,
        access_log=False,
        proxy_headers=False,
        **settings,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        started = threading.Event()
        start = server.startup

        async def startup(sockets: list[socket.socket] | None = None) -> None:
            await start(sockets)
            started.set()

        server.startup = startup  # type: ignore[method-assign]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            assert started.wait(SECONDS), "the server has not started"
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(SECONDS)
            assert not thread.is_alive(), "the server has not ended"
