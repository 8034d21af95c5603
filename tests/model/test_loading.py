"""What is refused before anything of an artifact is used, and in what words."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from masker.errors import ModelNotFound, ModelRefused
from masker.model.loading import load_classifier
from masker.model.manifest import GRAPH_FILE, MANIFEST_FILE, TOKENIZER_FILE, sha256_of
from tests.model.conftest import TinyRun

DATA = Path("data") / "classifier"


def _edit_mlmodel(folder: Path, **changes: Any) -> None:
    content = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
    content["flavors"]["python_function"].update(changes)
    (folder / "MLmodel").write_text(yaml.safe_dump(content), "utf-8")


def _edit_manifest(folder: Path, **changes: Any) -> None:
    path = folder / DATA / MANIFEST_FILE
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")


def _rewrite(folder: Path, name: str, content: bytes, *, with_checksum: bool) -> None:
    path = folder / DATA / name
    path.write_bytes(content)
    if with_checksum:
        files = json.loads((folder / DATA / MANIFEST_FILE).read_text("utf-8"))["files"]
        _edit_manifest(folder, files={**files, name: sha256_of(path)})


def _half(folder: Path, name: str, *, with_checksum: bool) -> None:
    content = (folder / DATA / name).read_bytes()
    _rewrite(folder, name, content[: len(content) // 2], with_checksum=with_checksum)


def _drop_flavor(folder: Path) -> None:
    (folder / "MLmodel").write_text("flavors: {sklearn: {pickled_model: model.pkl}}\n", "utf-8")


def _plant_trap(folder: Path) -> None:
    """Name a module beside the artifact whose import would leave a mark."""
    (folder / "trap.py").write_text(f"open({str(folder / 'sprung')!r}, 'w').close()\n", "utf-8")
    _edit_mlmodel(folder, loader_module="trap", code=".")


def _link_out(folder: Path) -> None:
    outside = folder.parent / "outside"
    (folder / DATA).rename(outside)
    (folder / DATA).symlink_to(outside)


Damage = Callable[[Path], None]


def _mlmodel(content: bytes) -> Damage:
    def damage(folder: Path) -> None:
        (folder / "MLmodel").write_bytes(content)

    return damage


def _flavor(**changes: Any) -> Damage:
    return lambda folder: _edit_mlmodel(folder, **changes)


def _manifest(**changes: Any) -> Damage:
    return lambda folder: _edit_manifest(folder, **changes)


def _without(*parts: str) -> Damage:
    return lambda folder: folder.joinpath(*parts).unlink()


def _cut(name: str, *, with_checksum: bool) -> Damage:
    return lambda folder: _half(folder, name, with_checksum=with_checksum)


def _no_json(folder: Path) -> None:
    (folder / DATA / MANIFEST_FILE).write_text("{", "utf-8")


def _unknown_tokenizer(folder: Path) -> None:
    _rewrite(folder, TOKENIZER_FILE, b'{"version":"1.0","model":{"type":"New"}}', with_checksum=True)


FALLING = {"offence": {"slope": -1, "offset": 0}, "labels": {}, "token": {"slope": 1, "offset": 0}}
CLIMBING = {"../MLmodel": "0", TOKENIZER_FILE: "0", GRAPH_FILE: "0"}
OBJECT = b"!!python/object/apply:os.getcwd []"

REFUSALS: list[tuple[str, Damage, type[Exception], str]] = [
    ("an MLmodel that is a list", _mlmodel(b"- a\n"), ModelRefused, "no python_function"),
    ("YAML cut short", _mlmodel(b"flavors: {a"), ModelRefused, "readable YAML"),
    ("YAML that builds objects", _mlmodel(OBJECT), ModelRefused, "readable YAML"),
    ("bytes that are no text", _mlmodel(b"\xff\xfe\x00"), ModelRefused, "readable YAML"),
    ("another flavour only", _drop_flavor, ModelRefused, "no python_function"),
    ("a loader that is not ours", _plant_trap, ModelRefused, "loader_module 'trap' is not one of ours"),
    ("a pickle", _flavor(python_model="python_model.pkl"), ModelRefused, "python_model"),
    ("code of its own", _flavor(code="code"), ModelRefused, "code of its own"),
    ("data elsewhere", _flavor(data="../data"), ModelRefused, "data must be"),
    ("data behind a link", _link_out, ModelRefused, "data must be"),
    ("no MLmodel", _without("MLmodel"), ModelNotFound, "has no MLmodel"),
    ("no manifest", _without(*DATA.parts, MANIFEST_FILE), ModelNotFound, "is missing"),
    ("a manifest that is no JSON", _no_json, ModelRefused, "format 1"),
    ("a format of the future", _manifest(format=2), ModelRefused, "reads format 1"),
    ("an unknown manifest key", _manifest(hook="x"), ModelRefused, "hook"),
    ("labels in another order", _manifest(labels=["insult", "profanity"]), ModelRefused, "labels"),
    ("a curve that falls", _manifest(calibration=FALLING), ModelRefused, "slope"),
    ("a library nobody needs", _manifest(requires={"evil": ">=1"}), ModelRefused, "evil"),
    ("no graph", _without(*DATA.parts, GRAPH_FILE), ModelRefused, "is missing"),
    ("a graph cut short", _cut(GRAPH_FILE, with_checksum=False), ModelRefused, "damaged"),
    ("a broken graph, fresh checksum", _cut(GRAPH_FILE, with_checksum=True), ModelRefused, r"onnxruntime .* cannot"),
    ("a tokeniser cut short", _cut(TOKENIZER_FILE, with_checksum=False), ModelRefused, "damaged"),
    ("a broken tokeniser, fresh checksum", _cut(TOKENIZER_FILE, with_checksum=True), ModelRefused, "tokenizers"),
    ("a tokeniser of an unknown kind", _unknown_tokenizer, ModelRefused, r"tokenizers .* cannot read"),
    ("a file list that climbs out", _manifest(files=CLIMBING), ModelRefused, "plain file"),
    ("no checksum for the graph", _manifest(files={}), ModelRefused, "no checksum"),
]


@pytest.mark.parametrize(("reason", "damage", "error", "told"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_a_damaged_or_hostile_folder_is_refused_in_one_line(
    model_folder: Path, reason: str, damage: Callable[[Path], None], error: type[Exception], told: str
) -> None:
    damage(model_folder)
    with pytest.raises(error, match=told) as caught:
        load_classifier(str(model_folder))
    assert "\n" not in str(caught.value), reason
    assert str(model_folder) in str(caught.value), reason
    assert not (model_folder / "sprung").exists(), reason


def test_versions_that_do_not_fit_are_both_named_with_the_remedy(model_folder: Path) -> None:
    from importlib.metadata import version

    _edit_manifest(model_folder, requires={"tokenizers": ">=99"}, made_with={"tokenizers": "99.1"})
    with pytest.raises(ModelRefused) as caught:
        load_classifier(str(model_folder))
    message = str(caught.value)
    assert "99.1" in message
    assert version("tokenizers") in message
    assert "pip install 'tokenizers>=99'" in message


def test_an_empty_folder_and_a_missing_one_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="is empty"):
        load_classifier(str(tmp_path))
    with pytest.raises(ModelNotFound, match="no model folder at"):
        load_classifier(str(tmp_path / "gone"))


def test_a_registry_address_without_a_server_says_which_setting_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(ModelNotFound, match="MLFLOW_TRACKING_URI"):
        load_classifier("models:/garim@champion")


def test_a_registry_that_does_not_answer_is_one_line_without_its_password() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        server = f"http://admin:hunter2@127.0.0.1:{reserved.getsockname()[1]}"
        with pytest.raises(ModelNotFound) as caught:
            load_classifier("models:/garim@champion", tracking_uri=server)
    message = str(caught.value)
    assert "cannot be fetched from http://127.0.0.1:" in message
    assert "hunter2" not in message
    assert "\n" not in message


@pytest.mark.filterwarnings("ignore")  # MLflow's and SQLAlchemy's own deprecations
def test_a_name_that_the_registry_does_not_know_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound, match="models:/nobody@champion cannot be fetched"):
        load_classifier("models:/nobody@champion", tracking_uri=f"sqlite:///{tmp_path / 'mlflow.db'}")


def test_loading_and_predicting_imports_no_training_library_and_prints_nothing(tiny_run: TinyRun) -> None:
    program = (
        "import sys\n"
        "import masker.model\n"
        "assert 'mlflow' not in sys.modules and 'onnxruntime' not in sys.modules\n"
        "from masker.model.loading import load_classifier\n"
        f"load_classifier({str(tiny_run.model)!r}).predict(['서울 가자', '학교 시발 왔어'])\n"
        "heavy = {'torch', 'transformers', 'sklearn', 'onnx', 'mlflow', 'pandas', 'matplotlib', 'masker.training'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=300)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_reach_the_session(tiny_run: TinyRun, threads: int) -> None:
    classifier: Any = load_classifier(str(tiny_run.model), threads=threads)
    assert classifier._session.get_session_options().intra_op_num_threads == threads


LOAD_SECONDS = 1.5
"""What the embedded model may take to load, imports included; counted in processor time, for the machine is shared."""


def test_the_embedded_model_loads_in_time() -> None:
    program = (
        "import time\n"
        "from masker.model.loading import load_classifier\n"
        "load_classifier('embedded')\n"
        "print(time.process_time())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True)
    assert float(done.stdout) < LOAD_SECONDS
