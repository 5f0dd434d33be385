"""The two sockets of the supervisor."""

from __future__ import annotations

import errno
import socket

from ..arrival import prepare
from .start_config import CannotStart

_BACKLOG = 1024
_REMEDIES = {
    errno.EADDRINUSE: "free the port or choose another one",
    errno.EADDRNOTAVAIL: "choose an address of this machine with --host",
    errno.EACCES: "choose a port above 1023",
    errno.EAFNOSUPPORT: "choose an address of another family with --host",
}
_NO_ADDRESS = "give an address of this machine with --host"


def bind(host: str, port: int, purpose: str) -> socket.socket:
    """A listening socket.

    :param purpose: ``serving`` or ``admin``, for the sentence when it fails
    :raises CannotStart: when the address or the port cannot be had
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        dual = family == socket.AF_INET6 and host in ("::", "") and socket.has_dualstack_ipv6()
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG, dualstack_ipv6=dual)
    except OSError as error:
        remedy = _NO_ADDRESS if isinstance(error, socket.gaierror) else _REMEDIES.get(error.errno or 0)
        raise CannotStart(f"{purpose} port: cannot listen on {host}:{port}: {_reason(error)}{'; ' + remedy if remedy else ''}") from error
    prepare(listener)
    return listener


def _reason(error: OSError) -> str:
    # create_server puts the address into the text, which names it already.
    return (error.strerror or str(error)).partition(" (while attempting")[0]
