"""MurmurHash3 (x86, 32 bits, seed 0), by which Feast names the fields of its Redis hashes.

Source: Austin Appleby's public-domain description of the algorithm.
"""

from __future__ import annotations

_C1 = 0xCC9E2D51
_C2 = 0x1B873593
_MASK = 0xFFFFFFFF


def _rotated(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


def _scrambled(block: int) -> int:
    return (_rotated((block * _C1) & _MASK, 15) * _C2) & _MASK


def murmur3_32(data: bytes) -> int:
    """The unsigned 32-bit hash of ``data``."""
    body = len(data) & ~3
    state = 0
    for at in range(0, body, 4):
        state ^= _scrambled(int.from_bytes(data[at : at + 4], "little"))
        state = (_rotated(state, 13) * 5 + 0xE6546B64) & _MASK
    if len(data) > body:
        state ^= _scrambled(int.from_bytes(data[body:], "little"))
    state ^= len(data)
    state = ((state ^ (state >> 16)) * 0x85EBCA6B) & _MASK
    state = ((state ^ (state >> 13)) * 0xC2B2AE35) & _MASK
    return state ^ (state >> 16)
