"""The bearer token of ``PUT /pool``."""

from __future__ import annotations

import hashlib
import hmac
import re

_BEARER = re.compile(r"Bearer +(\S+) *", re.IGNORECASE)
_LONGEST = 16 * 1024


def may_change_pool(header: str | None, file: str | None) -> bool:
    """Whether a request may change the pool. The file is read each time: a rotated Secret counts at once.

    :param header: the ``Authorization`` header
    :param file: where the token is; without one nobody may change the pool
    """
    given = _BEARER.fullmatch(header or "")
    try:
        expected = None if file is None else _read(file)
    except (OSError, ValueError):
        return False
    if given is None or not expected:
        return False
    # Hashed first: the comparison must not tell lengths, and takes no text beyond ASCII.
    return hmac.compare_digest(_digest(given[1]), _digest(expected))


def tell_unreadable(file: str | None) -> str | None:
    """Says why there is no token in a file that should hold one; None when there is, or no file was named."""
    if file is None:
        return None
    try:
        return None if _read(file) else f"token file {file} is empty"
    except OSError as error:
        return f"token file {file} cannot be read ({error.strerror or error})"
    except ValueError:
        return f"token file {file} is no UTF-8 text"


def _read(file: str) -> str:
    with open(file, encoding="utf-8") as opened:
        return opened.read(_LONGEST).strip()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
