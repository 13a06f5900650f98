"""The yardstick: a bare ASGI application that decodes the same request body and answers a constant.

It does what no verification can do without (take the request off the wire, decode JSON, answer) and nothing else.
Served as the gateway is: uvicorn with uvloop and httptools, one worker.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from reference.gateway.profiles.sichuan import Envelope

Message = MutableMapping[str, Any]

ANSWER = b'{"code":"10","message":"\xe6\x88\x90\xe5\x8a\x9f","biz_content":"' + b"A" * 620 + b'"}'
HEADERS = [
    (b"content-type", b"application/json; charset=utf-8"),
    (b"content-length", str(len(ANSWER)).encode()),
    (b"cache-control", b"no-store"),
]
_decoder = msgspec.json.Decoder(Envelope)


async def application(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Decode the body, answer the constant."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    _decoder.decode(body)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})
