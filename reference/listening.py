"""The socket that a served command listens at, made before anything is served, so that a taken port is told first."""

from __future__ import annotations

import socket

from reference.languages import say
from reference.ports import ProductUnreachable


def listening(host: str, port: int, backlog: int) -> socket.socket:
    """A listening TCP socket, which worker processes may share; port 0 is any free one. Raises ProductUnreachable."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ProductUnreachable(
            say("The address {address}", address=f"{host}:{port}"),
            say("cannot be listened at: {reason}.", reason=error.strerror or str(error)),
            say("Choose another with --host and --port."),
        ) from None
    listener.listen(backlog)
    listener.set_inheritable(True)
    return listener
