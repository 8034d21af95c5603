"""Logging: text or JSON lines on standard error, secrets blacked out, no message text at any level.

That last is structural and no filter: our code passes ids, counts and names of errors to the log, never words. What is
filtered here is what libraries might say: discord.py logs whole gateway payloads at DEBUG, so it is held at INFO.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

from bot.settings import LogSettings

HELD_AT_INFO = ("discord", "aiohttp", "asyncio", "aiosqlite", "mlflow", "urllib3", "botocore")
HELD_AT_WARNING = ("sqlalchemy", "alembic")
"""SQLAlchemy logs every statement at INFO, and Alembic every look at the schema."""
_SECRETS = re.compile(
    # A bot token: https://docs.discord.com/developers/reference#authentication
    r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"
    # The token in a webhook's address, a password in a URL, and an Authorization header.
    r"|(?<=/webhooks/)\d+/[\w-]{20,}"
    r"|(?<=://)[^\s/:@]{1,100}:[^\s/@]{1,200}(?=@)"
    r"|(?i:(?<=authorization: ))\S.{0,200}"
)
_HIDDEN = "[hidden]"


def redact(line: str) -> str:
    """Return the line with whatever looks like a secret replaced."""
    return _SECRETS.sub(_HIDDEN, line)


class TextFormatter(logging.Formatter):
    """Write one readable line per event; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        """Return the event's line without secrets."""
        return redact(super().format(record))


class JsonFormatter(logging.Formatter):
    """Write one JSON object per event: at (UTC), level, logger, message and, with an error, its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the event's line without secrets."""
        event = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        if record.exc_info:
            event["error"] = redact(self.formatException(record.exc_info))
        return json.dumps(event, ensure_ascii=False)


def configure(settings: LogSettings) -> None:
    """Send every event at or over the level to standard error in the chosen form; calling again replaces the form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.format == "json" else TextFormatter())
    level = logging.getLevelNamesMapping()[settings.level]
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for names, least in ((HELD_AT_INFO, logging.INFO), (HELD_AT_WARNING, logging.WARNING)):
        for name in names:
            logging.getLogger(name).setLevel(max(level, least))
