"""Which model the bot serves with: the one asked for, else the last good copy of it, else the one in the package.

What stands behind an address in a registry changes while nobody looks: an alias moves, a server is down, a library was
upgraded. The bot then starts with what it has and says so at level ERROR. A folder that is named in the settings and is
missing or damaged keeps it from starting: somebody has just typed that, and is there to read why.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp

from masker.errors import ModelError, ModelMisfit
from masker.model.fetching import fetch, is_remote
from masker.model.loading import EMBEDDED, load_classifier, load_folder
from masker.prediction import Classifier

logger = logging.getLogger(__name__)

POINTER = "last_good.json"
PROBE = "안녕하세요"


def choose(uri: str, *, threads: int, kept: Path) -> Classifier:
    """Load the model at `uri`, or what stands in for it, and use it once; `kept` is the folder of last good copies.

    Raises ModelError for a folder that is missing or damaged, and when not even the model in the package loads.
    """
    try:
        if is_remote(uri):
            return _from_registry(uri, threads, kept)
        return _proven(lambda: load_classifier(uri, threads=threads))
    except ModelError as error:
        if uri == EMBEDDED or not (is_remote(uri) or isinstance(error, ModelMisfit)):
            raise
        reason = str(error)
    classifier = _last_good(uri, threads, kept) or _proven(lambda: load_classifier(EMBEDDED, threads=threads))
    logger.error("masker.model %s is NOT in use; serving with %s instead: %s", uri, classifier.name, reason)
    return classifier


def _proven(load: Callable[[], Classifier]) -> Classifier:
    """Load and use it once: the first inference costs most, and a broken model must show at the start."""
    classifier = load()
    classifier.predict([PROBE])
    return classifier


def _from_registry(uri: str, threads: int, kept: Path) -> Classifier:
    """Download, load and try the model; only then does its copy become the last good one."""
    try:
        kept.mkdir(parents=True, exist_ok=True)
        scratch = Path(mkdtemp(prefix="model-", dir=kept))
    except OSError as error:
        logger.warning("no copy of %s is kept: %s cannot be written (%s)", uri, kept, error.strerror)
        return _proven(lambda: load_classifier(uri, threads=threads))
    try:
        folder = fetch(uri, scratch)
        classifier = _proven(lambda: load_folder(folder, threads=threads, address=uri))
    except BaseException:  # whatever ends it, Ctrl+C too: no half of a model stays, and the error goes on
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    _remember(uri, folder, scratch, kept)
    return classifier


def _remember(uri: str, folder: Path, scratch: Path, kept: Path) -> None:
    """Point to the new copy, then remove the others: whenever this is cut off, one whole copy is pointed to."""
    pointer = kept / POINTER
    try:
        staged = pointer.with_suffix(".part")
        staged.write_text(json.dumps({"uri": uri, "folder": str(folder.relative_to(kept))}) + "\n", "utf-8")
        staged.replace(pointer)
        for other in kept.glob("model-*"):
            if other != scratch:
                shutil.rmtree(other, ignore_errors=True)
    except OSError as error:
        logger.warning("the copy of %s is not remembered: %s", uri, error.strerror)


def _last_good(uri: str, threads: int, kept: Path) -> Classifier | None:
    """Return the last model from this address that loaded; None where there is none, or it no longer does."""
    try:
        said = json.loads((kept / POINTER).read_text(encoding="utf-8"))
        folder = kept / str(said["folder"])
        if said["uri"] != uri or not folder.resolve().is_relative_to(kept.resolve()):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        return _proven(lambda: load_folder(folder, threads=threads, address=f"the last good copy of {uri}"))
    except ModelError as error:
        logger.error("the last good copy does not load either: %s", error)
        return None
