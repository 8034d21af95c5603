"""The steps of an incident by name, and the hook that watches them go by."""

from __future__ import annotations

from collections.abc import Callable

VERDICT = "verdict"
BEFORE_SPOOL = "before_spool"
SPOOLED = "spooled"
BEFORE_OPEN = "before_open"
OPENED = "opened"
BEFORE_DELETE = "before_delete"
DELETED_UNRECORDED = "deleted_unrecorded"
BEFORE_OTHER = "before_other"
OTHER_DELETED = "other_deleted"
DELETED = "deleted"
BEFORE_REPOST = "before_repost"
REPOSTED_UNRECORDED = "reposted_unrecorded"
REPOSTED = "reposted"
BEFORE_NOTICE = "before_notice"
NOTICED = "noticed"
BEFORE_CLOSE = "before_close"
CLOSED = "closed"

STEPS: tuple[str, ...] = (
    VERDICT,
    BEFORE_SPOOL,
    SPOOLED,
    BEFORE_OPEN,
    OPENED,
    BEFORE_DELETE,
    DELETED_UNRECORDED,
    BEFORE_OTHER,
    OTHER_DELETED,
    DELETED,
    BEFORE_REPOST,
    REPOSTED_UNRECORDED,
    REPOSTED,
    BEFORE_NOTICE,
    NOTICED,
    BEFORE_CLOSE,
    CLOSED,
)
"""Every step in order. The three of a repost come once per part, as `before_repost:0`; the two of the other messages
of a series once for each, newest first, as `before_other:0`; the two of the spool only where there are attachments, the
two of the notice only where the policy asks for a DM. `..._unrecorded` means that Discord has answered and the database
does not know it yet."""

PART_STEPS = frozenset({BEFORE_REPOST, REPOSTED_UNRECORDED, REPOSTED})

OnStep = Callable[[str], None]
"""Called with a step's name as it is reached, on the event loop; it may end the process."""


def unwatched(step: str) -> None:
    """Watch nothing: the hook of a process that nobody traces."""


def of_part(step: str, index: int) -> str:
    """Return a part's step, as in `reposted:2`."""
    return f"{step}:{index}"
