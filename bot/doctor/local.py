"""What can be checked on this machine: database, key, spool and model."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

from bot.doctor import Finding, State
from bot.errors import GarimError, SchemaMismatch
from bot.incidents import IncidentFilter
from bot.settings import Settings
from bot.texts import tell
from masker.errors import MaskerError

_SAMPLE = "오늘 날씨가 좋네요"


async def check_storage(settings: Settings) -> list[Finding]:
    """Open the database with the key, without changing either."""
    from bot.storage import open_from
    from bot.storage.database import parse_url

    try:
        url = parse_url(settings.database_url)
        if url.get_backend_name() == "sqlite":
            first = await asyncio.to_thread(_first_start, Path(str(url.database)))
            if first is not None:
                return [first]
        async with open_from(settings, migrate=False) as storage:
            counts = await storage.incidents.counts(IncidentFilter())
            what = tell("doctor.database_ok", database=storage.label, total=counts.total)
            return [
                Finding("database", State.OK, what),
                Finding("key", State.OK, tell("doctor.key_ok", path=settings.key_path)),
            ]
    except SchemaMismatch as error:
        return [Finding("database", State.FAIL, str(error), tell("doctor.schema_remedy"))]
    except GarimError as error:
        return [Finding("database", State.FAIL, str(error), tell("doctor.said_above"))]


def _first_start(database: Path) -> Finding | None:
    """Say whether a database that does not exist yet can be made; None when there is one."""
    if database.exists():
        return None
    folder = _existing_parent(database)
    if os.access(folder, os.W_OK | os.X_OK):
        return Finding("database", State.OK, tell("doctor.database_new", database=database))
    return Finding(
        "database", State.FAIL, tell("doctor.not_writable", folder=folder), tell("doctor.not_writable_remedy")
    )


async def check_spool(settings: Settings) -> list[Finding]:
    """Say whether the spool's folder can be written and whether its disk has the room that it may take."""
    folder = _existing_parent(settings.spool_path / "file")
    if not os.access(folder, os.W_OK | os.X_OK):
        remedy = tell("doctor.not_writable_remedy")
        return [Finding("spool", State.FAIL, tell("doctor.not_writable", folder=folder), remedy)]
    free_mib = (await asyncio.to_thread(shutil.disk_usage, folder)).free >> 20
    words = {"folder": settings.spool_path, "free_mib": free_mib, "limit_mib": settings.spool.limit_mib}
    if free_mib < settings.spool.limit_mib:
        return [Finding("spool", State.WARN, tell("doctor.spool_tight", **words), tell("doctor.spool_tight_remedy"))]
    return [Finding("spool", State.OK, tell("doctor.spool_ok", **words))]


async def check_model(settings: Settings) -> list[Finding]:
    """Load the model as `run` would and let it read one sentence."""
    try:
        name, load_ms, predict_ms = await asyncio.to_thread(_load_and_predict, settings)
    except MaskerError as error:
        return [Finding("model", State.FAIL, str(error), tell("doctor.model_remedy"))]
    what = tell("doctor.model_ok", name=name, load_ms=round(load_ms), predict_ms=round(predict_ms, 1))
    return [Finding("model", State.OK, what)]


def _load_and_predict(settings: Settings) -> tuple[str, float, float]:
    from masker.model.loading import load_classifier

    started = time.perf_counter()
    classifier = load_classifier(settings.masker.model)
    loaded = time.perf_counter()
    classifier.predict([_SAMPLE])
    done = time.perf_counter()
    return classifier.name, (loaded - started) * 1000, (done - loaded) * 1000


def _existing_parent(path: Path) -> Path:
    return next(parent for parent in path.absolute().parents if parent.is_dir())
