"""Telling which posts that stand in the channel are parts of an incident's repost. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.incidents import IncidentDraft
from bot.policy import Notice
from cogs._hands import Standing


def match_standing(draft: IncidentDraft, standing: Sequence[Standing]) -> dict[int, int]:
    """Return the message that stands for each part that is not known to; `standing` is free to take, oldest first.

    With the button, a post is a part when it carries the key; without, when it has the part's name and exact text. Law:
    no message is given to two parts, and no part two messages.
    """
    missing = [part for part in draft.parts if part.message_id is None]
    found: dict[int, int] = {}
    taken: set[int] = set()
    for part in missing:
        for post in standing:
            if post.message_id in taken:
                continue
            if draft.notice == Notice.NONE:
                same = post.part_index is None and _looks_like(post, draft, part.content)
            else:
                same = post.part_index == part.index
            if same:
                found[part.index] = post.message_id
                taken.add(post.message_id)
                break
    return found


def _looks_like(post: Standing, draft: IncidentDraft, content: str) -> bool:
    """Compare as Discord stores: white space is trimmed; a post made as the bot carries the name in its text."""
    text = post.content.strip()
    same_name = post.author_name.split() == draft.author_name.split()
    return (same_name and text == content.strip()) or text in (
        f"**{draft.author_name}**: {content}".strip(),
        f"**{draft.author_name}**:",
    )
