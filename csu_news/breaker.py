"""When to stop asking: the site is shut to us, or its articles vanish one after the other; pure."""

from __future__ import annotations

from dataclasses import dataclass

BREAKER = "circuit breaker"
"""Kind of the finding when a run was stopped: open until a run comes to its end with no page given up."""

IN_A_ROW = 5

SHUT = frozenset({"challenge", "login", "denied", "firewall", "captcha"})
"""Gate reasons that mean the site does not let us in."""


@dataclass(slots=True)
class CircuitBreaker:
    """Counts bad answers in a row; a good one starts anew.

    >>> breaker = CircuitBreaker()
    >>> [bool(breaker.count(shut=True, vanished=False)) for _ in range(5)]
    [False, False, False, False, True]
    """

    shut: int = 0
    vanished: int = 0

    def count(self, *, shut: bool, vanished: bool) -> str | None:
        """Take one answer about an article or a list; return in one sentence why to stop, if so.

        shut      it was a challenge, a sign-in, 403 or 412 in place of the page
        vanished  a live article is no longer there
        """
        self.shut = self.shut + 1 if shut else 0
        self.vanished = self.vanished + 1 if vanished else 0
        if self.shut >= IN_A_ROW:
            return f"The site refused {IN_A_ROW} pages in a row or asked to sign in: it is shut to us for now."
        if self.vanished >= IN_A_ROW:
            return f"{IN_A_ROW} live articles in a row are missing: the site may have moved; nothing was taken away."
        return None
