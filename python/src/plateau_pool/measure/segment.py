"""The shared memory itself: a file without a name that the supervisor makes and its descendants inherit."""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator

from . import layout as at

_CACHED_NAMES = 256


class Segment:
    """Words of a segment, seen as integers and as floats. Both views lie on the same memory."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._memory = mmap.mmap(fd, os.fstat(fd).st_size)
        self.bytes = memoryview(self._memory)
        self.integers = self.bytes.cast("Q")
        self.floats = self.bytes.cast("d")
        if self.integers[at.H_MAGIC] != at.MAGIC:
            raise ValueError(
                f"file descriptor {fd} holds no figures of this version of plateau_pool; start the server with plateau-pool serve"
            )
        self.slots = int(self.integers[at.H_SLOTS])
        self._threads = threading.Lock()
        self._names: dict[tuple[int, str], int] = {}
        me = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _renew_lock(me()))

    @property
    def objective(self) -> float:
        """Seconds within which requests should be answered."""
        return float(self.floats[at.H_OBJECTIVE])

    @objective.setter
    def objective(self, seconds: float) -> None:
        self.floats[at.H_OBJECTIVE] = seconds

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """One process at a time, and one thread of it. The kernel frees the lock of a process that dies."""
        with self._threads:
            fcntl.lockf(self.fd, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self.fd, fcntl.LOCK_UN)

    def reason(self, name: str) -> int:
        """Index of a rejection's reason."""
        return self._index(0, at.REASONS, name)

    def lock(self, name: str) -> int:
        """Index of a declared lock."""
        return self._index(at.REASONS, at.LOCKS, name)

    def reasons(self) -> list[str]:
        """Names in use, by index."""
        return self._list(0, at.REASONS)

    def locks(self) -> list[str]:
        """Names in use, by index."""
        return self._list(at.REASONS, at.LOCKS)

    def _index(self, first: int, size: int, name: str) -> int:
        known = self._names.get((first, name))
        if known is not None:
            return known
        with self.exclusive():
            names = self._list(first, size)
            # A name ends at its first NUL.
            wanted = _clip(name.replace("\0", "").encode("utf-8", "replace"), at.NAME_WORDS * at.WORD - 1).decode() or "unnamed"
            if wanted not in names:
                if len(names) == size - 1:
                    wanted = "other"  # the last place; whoever invents a label for each request must not lose figures
                if len(names) == size:
                    return size - 1
                self._write(first + len(names), wanted.encode())
                names.append(wanted)
            index = names.index(wanted)
        if len(self._names) < _CACHED_NAMES:
            self._names[(first, name)] = index
        return index

    def _list(self, first: int, size: int) -> list[str]:
        names = []
        for index in range(first, first + size):
            start = (at.NAMES_AT + index * at.NAME_WORDS) * at.WORD
            text = bytes(self.bytes[start : start + at.NAME_WORDS * at.WORD]).split(b"\0", 1)[0]
            if not text:
                break
            names.append(text.decode("utf-8", "replace"))
        return names

    def _write(self, index: int, name: bytes) -> None:
        start = (at.NAMES_AT + index * at.NAME_WORDS) * at.WORD
        self.bytes[start : start + len(name)] = name


def new_segment(slots: int, objective: float) -> Segment:
    """Makes a segment with so many slots; objective in seconds.

    :raises OSError: when there is no room for it
    """
    fd = _unnamed_file(at.slot_at(slots) * at.WORD)
    with mmap.mmap(fd, os.fstat(fd).st_size) as memory, memoryview(memory) as raw, raw.cast("Q") as words:
        words[at.H_SLOTS] = slots
        words[at.H_MAGIC] = at.MAGIC
    segment = Segment(fd)
    segment.objective = objective
    return segment


def _unnamed_file(size: int) -> int:
    if hasattr(os, "memfd_create"):
        with contextlib.suppress(OSError):  # a sandbox may refuse it
            fd = os.memfd_create("plateau-pool")
            os.ftruncate(fd, size)
            return fd
    with tempfile.TemporaryFile() as file:
        # Written and not only made longer: on a full disk the first use of such a page would be the end of the process (SIGBUS).
        file.write(bytes(size))
        file.flush()
        return os.dup(file.fileno())


def _renew_lock(segment: Segment | None) -> None:
    """In a forked process: whoever held the lock at that moment is not there to free it."""
    if segment is not None:
        segment._threads = threading.Lock()


def _clip(text: bytes, size: int) -> bytes:
    """The longest beginning that is whole UTF-8."""
    return text[:size].decode("utf-8", "ignore").encode()
