"""Where each figure lies in the shared memory. Everything is a word of eight bytes: an unsigned integer or a float.

A segment is a head, the names of labels, and a slot for each serving process. Only the process that holds a slot writes into it.
"""

from __future__ import annotations

from .edges import BUCKETS

WORD = 8

# Head.
H_MAGIC, H_SLOTS, H_OBJECTIVE = 0, 1, 2
MAGIC = 0x504C4154_45415501
_HEAD_WORDS = 8

# Names of labels that are known only when they are used: reasons of rejections, then locks.
REASONS = 16
LOCKS = 32
NAME_WORDS = 8
NAMES_AT = _HEAD_WORDS
SLOTS_AT = NAMES_AT + (REASONS + LOCKS) * NAME_WORDS

# A slot: what is true at the moment.
(
    S_STATE,
    S_PID,
    S_BORN,
    S_SEQUENCE,
    S_THREADS,
    S_GIL,
    S_PROBE_THREAD,
    S_OBJECTIVE,
    S_INFLIGHT,
    S_QUEUED,
    S_BUSY,
    S_SINCE,
    S_STORE,
    S_PROBLEM_LENGTH,
) = range(14)
FREE, LIVE, ENDED = 0, 1, 2
GIL_UNKNOWN, GIL_ON, GIL_OFF = 0, 1, 2
STORE_UNKNOWN, STORE_AWAITED, STORE_REACHED = 0, 1, 2

# A slot: what adds up over processes. Indices count from TOTALS_AT.
TOTALS_AT = 14
T_ARRIVALS = 0
T_OVER_OBJECTIVE = 1
T_INFLIGHT_SECONDS = 2
T_BUSY_SECONDS = 3
T_LAG_SECONDS = 4
T_GIL_WAIT_SECONDS = 5
T_GIL_PROBE_SECONDS = 6
T_CODES = 7
CODES = ("aborted", "1xx", "2xx", "3xx", "4xx", "5xx")
T_REASONS = T_CODES + len(CODES)
T_LOCKS = T_REASONS + REASONS
T_HISTOGRAMS = T_LOCKS + LOCKS
HISTOGRAMS = ("request", "queue", "service", "store")
# Of one histogram: counts of the buckets, the sum, and how many of the objective's bucket lie at or below the objective.
N_SUM = BUCKETS
N_SPLIT = BUCKETS + 1
HISTOGRAM_WORDS = BUCKETS + 2
TOTALS = T_HISTOGRAMS + len(HISTOGRAMS) * HISTOGRAM_WORDS

# A slot: what is read apart from the rest.
PROBLEM_AT = TOTALS_AT + TOTALS
PROBLEM_WORDS = 32
THREADS_AT = PROBLEM_AT + PROBLEM_WORDS
"""Number of the pool's threads that were seen, then their kernel ids."""
THREADS_KNOWN = 1024
SLOT_WORDS = THREADS_AT + 1 + THREADS_KNOWN


def is_float(total: int) -> bool:
    """Whether the word of this total is a float."""
    if T_INFLIGHT_SECONDS <= total <= T_GIL_PROBE_SECONDS or T_LOCKS <= total < T_HISTOGRAMS:
        return True
    return total >= T_HISTOGRAMS and (total - T_HISTOGRAMS) % HISTOGRAM_WORDS == N_SUM


FLOATS: frozenset[int] = frozenset(total for total in range(TOTALS) if is_float(total))


def slot_at(slot: int) -> int:
    """First word of a slot."""
    return SLOTS_AT + slot * SLOT_WORDS


def histogram_at(name: str) -> int:
    """First total of a histogram."""
    return T_HISTOGRAMS + HISTOGRAMS.index(name) * HISTOGRAM_WORDS
