"""What of an incident is encrypted: every word of a member's, as one JSON object."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.crypto import Keyring
from bot.incidents import IncidentDraft, RepostPart, SpooledFile


@dataclass(frozen=True, slots=True)
class Payload:
    """Hold the decrypted words of one incident."""

    original: str
    author_name: str
    avatar_url: str | None
    parts: tuple[RepostPart, ...]

    @property
    def masked(self) -> str:
        """Return what was reposted, its parts joined by line breaks."""
        return "\n".join(part.content for part in self.parts)


ERASED = Payload("", "", None, ())
"""What stands in place of words that retention or their author had removed."""


def seal(draft: IncidentDraft, keyring: Keyring) -> bytes:
    """Return the draft's words, encrypted."""
    content = {
        "original": draft.original,
        "author_name": draft.author_name,
        "avatar_url": draft.avatar_url,
        "parts": [
            {"index": part.index, "content": part.content, "files": [asdict(file) for file in part.files]}
            for part in draft.parts
        ],
    }
    return keyring.encrypt(json.dumps(content, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def unseal(token: bytes | None, keyring: Keyring, message_ids: dict[int, int] | None = None) -> Payload:
    """Return the words again, with the known message id laid into each part; ERASED for None. Raises KeyUnusable."""
    if token is None:
        return ERASED
    content = json.loads(keyring.decrypt(token).decode("utf-8", "surrogatepass"))
    known = message_ids or {}
    parts = tuple(
        RepostPart(
            part["index"],
            part["content"],
            tuple(SpooledFile(**file) for file in part["files"]),
            known.get(part["index"]),
        )
        for part in content["parts"]
    )
    return Payload(content["original"], content["author_name"], content["avatar_url"], parts)


def seal_words(words: str, keyring: Keyring) -> bytes:
    """Return one person's words, encrypted."""
    return keyring.encrypt(words.encode("utf-8", "surrogatepass"))


def unseal_words(token: bytes | None, keyring: Keyring) -> str | None:
    """Return the words again, None where they were erased. Raises KeyUnusable."""
    return None if token is None else keyring.decrypt(token).decode("utf-8", "surrogatepass")
