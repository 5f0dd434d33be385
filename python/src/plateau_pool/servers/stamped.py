"""Sockets that know when what they read had reached this machine.

Handed to a server as its listener, such a socket gives it connections that take the kernel's arrival stamps along with each
read, in whatever thread or event loop the server reads. So no server has to be patched for its queue to be seen.
"""

from __future__ import annotations

import os
import socket
import weakref

from ..arrival import prepare, reached_at


class StampedSocket(socket.socket):
    """A connection that knows when the bytes it read last had reached this machine."""

    arrived_at: float = 0.0
    """Seconds of ``time.monotonic()``."""

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        self.arrived_at = reached_at(self)
        return super().recv(bufsize, flags)


class StampedListener(socket.socket):
    """A listening socket whose connections are stamped."""

    opened: weakref.WeakValueDictionary[int, StampedSocket]
    """Connections by file number: what wraps a socket often tells no more than that."""

    @classmethod
    def of(cls, listener: socket.socket) -> StampedListener:
        """A second handle of the same kernel socket; closing it does not close the first."""
        # Not socket.dup: it would make the kernel's socket blocking, and the loops of all processes that share it would hang in accept.
        stamped = cls(listener.family, listener.type, listener.proto, fileno=os.dup(listener.fileno()))
        stamped.setblocking(False)
        stamped.opened = weakref.WeakValueDictionary()
        prepare(stamped)
        return stamped

    def listen(self, backlog: int = 0, /) -> None:
        """It listens already; how many may wait is for its owner to say."""

    def accept(self) -> tuple[StampedSocket, object]:
        connection, address = super().accept()
        stamped = StampedSocket(connection.family, connection.type, connection.proto, fileno=connection.detach())
        self.opened[stamped.fileno()] = stamped
        return stamped, address
