"""English words that a prefix may begin: the index holds stems, and a stem can be shorter than the prefix."""

from __future__ import annotations

import re
from string import ascii_lowercase

# what the Porter stemmer takes away, longest forms as they are written
ENDINGS = """
    ability ibility ably ibly able ible ables al ally als alism ality alities alize alizing alization ance
    ances ancy ant ants ate ated ates ating ation ational ations ative atively ator ators ed ement ements ence
    ences ency ent ently ents er ers es ful fully fulness ic ical ically icity ics ies ing ingly ings ion
    ional ions ism isms ist ists ities ity ive ively iveness ivity ization izations ize ized izer izers izes
    izing ly ment mental ments ness nesses ous ously ousness y
""".split()
_PREFIX = re.compile(r"[A-Za-z]{3,}")


def completed(prefix: str) -> list[str]:
    """Return the words that a prefix may begin, with endings that the index does not know.

    >>> completed("universit")
    ['universities', 'university']

    A prefix that ends where no ending begins, or not in a letter, is found as it is.
    """
    if not _PREFIX.fullmatch(prefix):
        return []
    first = 0 if prefix[-1] == prefix[-2] else 1  # dropp-ed
    found = {
        prefix[: len(prefix) - begun] + ending
        for ending in ENDINGS
        for begun in range(first, min(len(ending), len(prefix) - 1))
        if prefix.endswith(ending[:begun])
    }
    return sorted(found)


def longer(prefix: str) -> list[str]:
    """Return a prefix that ends in y with each letter after it: the stemmer makes `key*` `kei*`, but leaves `keyb*`."""
    return [prefix + letter for letter in ascii_lowercase] if prefix[-1] in "yY" and _PREFIX.fullmatch(prefix) else []
