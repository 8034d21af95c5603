"""Everything the masker can raise.

MaskerError
├── SpanError            a span that does not fit its text
├── LexiconError         an entry of the lexicon that breaks its schema
├── PatternError         an admin's pattern that RE2 does not take, or that breaks a bound
├── ModelError           a model that cannot be used
│   ├── ModelNotFound    nothing stands at the address given
│   ├── ModelRefused     it stands there and must not or cannot be loaded
│   │   └── ModelMisfit  it is sound, but made for other versions of the libraries than are installed
│   └── ModelFailed      it was loaded and broke while inferring
└── Overloaded           the queue is full; try again later
"""

from __future__ import annotations


class MaskerError(Exception):
    """Base of everything that this package raises on purpose."""


class SpanError(MaskerError):
    """A span that is empty, reversed or outside its text."""


class LexiconError(MaskerError):
    """A lexicon entry that breaks the schema; the message names file, line and field."""


class PatternError(MaskerError):
    """An admin's pattern that cannot be used; the message names it, what is wrong and where."""


class ModelError(MaskerError):
    """A model that cannot be used; the message names its address and the remedy."""


class ModelNotFound(ModelError):  # noqa: N818 - reads as the plain fact it states
    """Nothing that looks like a model stands at the address."""


class ModelRefused(ModelError):  # noqa: N818
    """The artifact is damaged, of a wrong version, or asks for code outside the allowlist."""


class ModelMisfit(ModelRefused):
    """The artifact and the libraries installed here do not fit; the message names both versions and the remedy."""


class ModelFailed(ModelError):  # noqa: N818
    """A loaded model raised while inferring."""


class Overloaded(MaskerError):  # noqa: N818
    """The bounded queue in front of the classifier is full; nothing was queued."""
