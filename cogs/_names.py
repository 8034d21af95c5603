"""The name a repost stands under: what a webhook may be called."""

from __future__ import annotations

import re

import regex

NAME_LIMIT = 80
"""Longest username of Execute Webhook. Source: Discord's API description, `IncomingWebhookRequestPartial.username`."""

_RESERVED = re.compile(r"clyde|discord", re.IGNORECASE)
"""Substrings that a webhook's name may not hold. Source: Discord's developer docs, "Create Webhook"."""

_HAIR_SPACE = "\u200a"
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+")


def safe_username(name: str, fallback: str) -> str:
    """Return a name that Discord takes: 1 to 80 UTF-16 units, no reserved word, nothing invisible at its ends.

    A reserved word is broken by a hair space, which is not seen; a name too long is cut between grapheme clusters; a
    name of which nothing visible is left becomes `fallback`.
    """
    visible = _UNSEEN.sub("", name).strip()
    broken = _RESERVED.sub(lambda found: found[0][0] + _HAIR_SPACE + found[0][1:], visible)
    return _cut(broken) or fallback


def _cut(name: str) -> str:
    kept: list[str] = []
    units = 0
    for cluster in regex.findall(r"\X", name):
        units += len(cluster.encode("utf-16-le")) // 2
        if units > NAME_LIMIT:
            break
        kept.append(cluster)
    return "".join(kept).strip()
