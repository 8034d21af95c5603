"""What is stored of one member, and what was erased of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Rows = tuple[Mapping[str, Any], ...]
"""JSON values."""


@dataclass(frozen=True, slots=True)
class MemberData:
    """Hold everything that is stored of a member, decrypted, as JSON values; who else was involved is left out."""

    member_id: int
    incidents: Rows = field(default=(), repr=False)
    contests: Rows = field(default=(), repr=False)
    reviews: Rows = field(default=(), repr=False)
    """What moderators found the member's incidents to be."""
    cases: Rows = field(default=(), repr=False)
    sanctions: Rows = field(default=(), repr=False)
    about_them: Rows = field(default=(), repr=False)
    """What others did that concerned the member, from the audit."""
    by_them: Rows = field(default=(), repr=False)
    """What the member did, from the audit: as a moderator, or about themselves."""
    settings_changed: Rows = field(default=(), repr=False)
    exempt_in: tuple[str, ...] = ()
    """The guilds whose settings name the member as exempt."""

    def as_json(self) -> dict[str, Any]:
        """Return all of it as one JSON object; ids are strings, as Discord writes them."""
        return asdict(self) | {"member_id": str(self.member_id)}


@dataclass(frozen=True, slots=True)
class ErasedCounts:
    """Count what lost its words; `put_off` incidents and cases lose them once they are closed.

    `spool_keys` names the attachments that no incident needs any more: the caller deletes them from the spool.
    """

    incidents: int = 0
    contests: int = 0
    notes: int = 0
    put_off: int = 0
    spool_keys: tuple[str, ...] = field(default=(), repr=False)
