"""The one catalogue of what people read: symbolic ids, Korean and English, in gettext files.

`text("notice.button", locale)` gives one string; `tell(...)` gives it in the language of this process's terminal. A key
that the catalogue lacks, and a placeholder that the caller left out, raise at once: nothing half-said reaches a person.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

LOCALES: tuple[str, ...] = ("ko", "en")
"""The languages of the catalogue; the first is the one that unknown guild locales fall back to."""


class UnknownText(LookupError):  # noqa: N818 - reads as the plain fact it states
    """A key that stands in no catalogue, or a placeholder that the caller did not fill."""


@lru_cache(maxsize=len(LOCALES))
def catalogue(locale: str) -> Mapping[str, str]:
    """Return every text of one of `LOCALES` by its id. Raises UnknownText for another locale."""
    if locale not in LOCALES:
        raise UnknownText(f"no catalogue for locale {locale!r}; there are {', '.join(LOCALES)}")
    from babel.messages.pofile import read_po

    with resources.files(__package__).joinpath(f"{locale}.po").open("rb") as file:
        messages = read_po(file, locale=locale, abort_invalid=True)
    return MappingProxyType({str(message.id): str(message.string) for message in messages if message.id})


def nearest_locale(tag: str | None) -> str:
    """Return the catalogue's locale for a language tag such as `ko`, `ko-KR`, `en_US.UTF-8`; English for any other."""
    language = (tag or "").replace("-", "_").partition("_")[0].partition(".")[0].lower()
    return language if language in LOCALES else "en"


def text(key: str, locale: str, /, **params: object) -> str:
    """Return the text `key` in `locale` with its placeholders filled. Raises UnknownText."""
    try:
        template = catalogue(nearest_locale(locale))[key]
    except KeyError:
        raise UnknownText(f"no text {key!r} in bot/texts/{nearest_locale(locale)}.po") from None
    try:
        return template.format(**params)
    except (KeyError, IndexError) as missing:
        raise UnknownText(f"text {key!r} needs the placeholder {missing}") from None


def process_locale(environ: Mapping[str, str] | None = None) -> str:
    """Return the terminal's language: the first set of GARIM_LANG, LC_ALL, LC_MESSAGES, LANG, in POSIX's order."""
    source = os.environ if environ is None else environ
    tags = (source.get(name) for name in ("GARIM_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    return nearest_locale(next((tag for tag in tags if tag), None))


def tell(key: str, /, **params: object) -> str:
    """Return the text `key` in the language of this process's terminal."""
    return text(key, process_locale(), **params)
