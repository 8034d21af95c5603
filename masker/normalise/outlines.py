"""Latin letters drawn with several signs, or hidden behind one (f|_|ck, |=uck, fu\\*k, f#ck), as Latin reads them.

Signs are taken for letters only where they touch one: a rule of a table or a line of code stays what it is.
"""

from __future__ import annotations

import re

from masker.normalise.rewrite import PAD

_DRAWN = {
    "|_|": "u", "(_)": "u", "[_]": "u", "\\_/": "u", "|=": "f", "|\"": "f", "|<": "k", "|{": "k", "|-|": "h", "}{": "h",
    "/\\": "a", "/-\\": "a", "|)": "d", "|>": "p", "|3": "b", "()": "o", "[]": "o", "\\/": "v", "¢": "c",
}  # fmt: skip
"""Letters that are drawn with signs, as leet writes them."""
_SIGNS = "|".join(map(re.escape, sorted(_DRAWN, key=len, reverse=True)))
_DRAWN_RE = re.compile(rf"(?:{_SIGNS})(?=[A-Za-z@$0-9*])|(?<=[A-Za-z])(?:{_SIGNS})(?!\w)")
_HIDDEN_RE = re.compile("(?<=[A-Za-z])[#%&^?×•●○◯✱＊∗※@]{1,3}(?=[A-Za-z])")
_UNSEEN_RE = re.compile(r"\\(?=[*_~|`])|\|\|")
DRAWN_RE = re.compile(r"[A-Za-z][\\|(\[</}#%&^?×•●○◯✱＊∗※@]{1,3}[_=\-*)\]<A-Za-z]|[|][=<|_\-]{1,2}[A-Za-z]")
"""Whether a sign beside a Latin letter may stand for one."""


def as_drawn(text: str) -> str:
    """Return the text, as long as it was, drawn letters as letters, hidden ones as `*`, unseen marks as padding."""
    read = _UNSEEN_RE.sub(lambda mark: PAD * len(mark[0]), text)
    read = _DRAWN_RE.sub(lambda sign: _DRAWN[sign[0]] + PAD * (len(sign[0]) - 1), read)
    return _HIDDEN_RE.sub(lambda sign: "*" * len(sign[0]), read)
