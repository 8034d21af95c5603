"""The bot starts with the champion of a real server, and keeps its last good model when that cannot be used."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.model_choice import POINTER, choose
from bot.settings import MaskerSettings, PathSettings, Settings
from bot.wiring import masker_from
from masker.errors import ModelMisfit, ModelNotFound, ModelRefused
from masker.model.loading import EMBEDDED, load_classifier
from masker.model.manifest import MANIFEST_FILE, TOKENIZER_FILE, sha256_of
from masker.training.register import CHAMPION, register, registry
from tests.model.conftest import TinyRun
from tests.model.test_register import HELD_OUT

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow deprecates inside itself; that is not ours to mend."""

GONE = "http://127.0.0.1:9"

EMBEDDED_NAME = load_classifier(EMBEDDED).name
"""The model in the package, whichever ships."""


def newer_tokenizer(folder: Path, made_with: str = "9.9.9") -> Path:
    """Write the tokeniser's merges in a form that no library of today has, in a package that is whole otherwise."""
    data = next(folder.rglob(MANIFEST_FILE)).parent
    path = data / TOKENIZER_FILE
    content = json.loads(path.read_text("utf-8"))
    content["model"]["merges"] = [{"left": left, "right": right} for left, right in content["model"]["merges"]]
    path.write_text(json.dumps(content), "utf-8")
    manifest = json.loads((data / MANIFEST_FILE).read_text("utf-8"))
    manifest["files"][TOKENIZER_FILE] = sha256_of(path)
    manifest["made_with"]["tokenizers"] = made_with
    (data / MANIFEST_FILE).write_text(json.dumps(manifest), "utf-8")
    return folder


@pytest.fixture(scope="module")
def champion(tiny_run: TinyRun, mlflow_server: str) -> str:
    """Register the tiny model as champion of a name of its own; returns its address."""
    assert register(tiny_run.model, HELD_OUT, server=mlflow_server, name="outage").promoted
    return "models:/outage@champion"


def _move_champion(server: str, folder: Path) -> None:
    """Put a folder behind the alias without asking whether it loads, as any client of the registry can."""
    with registry(server) as client:
        run = client.get_model_version_by_alias("outage", CHAMPION).run_id
        client.log_artifacts(run, str(folder), "other")
        source = f"{client.get_run(run).info.artifact_uri}/other"
        made = client.create_model_version("outage", source, run_id=run)
        client.set_registered_model_alias("outage", CHAMPION, made.version)


def test_both_versions_and_the_remedy_are_named_for_a_tokeniser_of_a_newer_form(model_folder: Path) -> None:
    from importlib.metadata import version

    with pytest.raises(ModelMisfit) as caught:
        load_classifier(str(newer_tokenizer(model_folder)))
    for words in (
        "made with tokenizers 9.9.9",
        f"tokenizers {version('tokenizers')} cannot read it",
        "did not match any variant of untagged enum",
        "pip install -U 'tokenizers==9.9.9'",
    ):
        assert words in str(caught.value)


async def test_the_bot_keeps_the_last_good_model_when_the_champion_or_its_server_cannot_be_used(
    champion: str,
    mlflow_server: str,
    model_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = Settings(masker=MaskerSettings(model=champion), paths=PathSettings(data_dir=tmp_path / "data"))

    async def served() -> str:
        caplog.clear()
        async with masker_from(settings) as masker:
            verdict = await masker.inspect("서울 시발 가자")
            assert verdict.complete
            return str(verdict.model)

    monkeypatch.setenv("MLFLOW_TRACKING_URI", GONE)
    assert await served() == EMBEDDED_NAME, "nothing was kept yet: the model in the package serves"
    assert f"NOT in use; serving with {EMBEDDED_NAME}" in caplog.text

    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    assert await served() == "garim-tiny/7"
    assert "NOT in use" not in caplog.text

    monkeypatch.setenv("MLFLOW_TRACKING_URI", GONE)
    assert await served() == "garim-tiny/7", "the server is gone: the last good copy serves"
    assert caplog.records[-1].levelno == logging.ERROR

    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    _move_champion(mlflow_server, newer_tokenizer(model_folder))
    assert await served() == "garim-tiny/7", "the new champion does not fit: the last good copy serves"
    assert "made with tokenizers 9.9.9" in caplog.text
    assert len(list((tmp_path / "data" / "models").glob("model-*"))) == 1


def _damage(kept: Path) -> None:
    next(kept.rglob("*.onnx")).write_bytes(b"")


def _no_json(kept: Path) -> None:
    (kept / POINTER).write_text("{", "utf-8")


def _climb(kept: Path) -> None:
    (kept / POINTER).write_text(json.dumps({"uri": "models:/nobody@champion", "folder": "../elsewhere"}), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_damage, "the copy was damaged"),
        (_no_json, "the pointer is no JSON"),
        (_climb, "the pointer leads out of the folder"),
        (shutil.rmtree, "the copies were deleted"),
    ],
)
def test_without_a_sound_copy_the_model_in_the_package_serves(
    spoil: Callable[[Path], None], reason: str, tiny_run: TinyRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, uri = tmp_path / "models", "models:/nobody@champion"
    shutil.copytree(tiny_run.model, kept / "model-1")
    (kept / POINTER).write_text(json.dumps({"uri": uri, "folder": "model-1"}), "utf-8")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", GONE)
    assert choose(uri, threads=1, kept=kept).name == "garim-tiny/7", "before it is spoilt"
    assert choose("models:/other@champion", threads=1, kept=kept).name == EMBEDDED_NAME, "another address"
    spoil(kept)
    assert choose(uri, threads=1, kept=kept).name == EMBEDDED_NAME, reason


def test_a_folder_in_the_settings_that_is_missing_or_damaged_is_refused(model_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        choose(str(tmp_path / "gone"), threads=1, kept=tmp_path)
    next(model_folder.rglob("*.onnx")).write_bytes(b"")
    with pytest.raises(ModelRefused):
        choose(str(model_folder), threads=1, kept=tmp_path)


def test_a_folder_whose_tokeniser_no_longer_fits_does_not_keep_the_bot_from_starting(
    model_folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chosen = choose(str(newer_tokenizer(model_folder)), threads=1, kept=tmp_path)
    assert chosen.name == EMBEDDED_NAME
    assert "NOT in use" in caplog.text
