"""Numbers that look random and never change: everything in the replica is computed from them."""

from __future__ import annotations

_MASK = (1 << 64) - 1


def mix(seed: int, number: int) -> int:
    """Return 64 well mixed bits of the two numbers (the finaliser of splitmix64).

    >>> mix(1, 2) == mix(1, 2) != mix(2, 1)
    True
    """
    x = (seed * 0xD6E8FEB86659FD93 + number * 0x9E3779B97F4A7C15 + 0x2545F4914F6CDD1D) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return x ^ (x >> 31)
