"""A model becomes a version in a real registry, and the champion only when it wins by the rule."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from transformers import BertForSequenceClassification

from masker.errors import ModelRefused
from masker.labels import LABELS, Label
from masker.model.loading import load_classifier
from masker.training.champion import compare, score_rows
from masker.training.evaluation.yardstick import CLEAN_CHAT, NEUTRAL, Scores, Yardstick, weighted_auc
from masker.training.example import UNKNOWN_TOKENS, Example
from masker.training.register import CHALLENGER, CHAMPION, Registered, RegistryError, register, registry, version_of
from masker.training.register_command import register as command
from masker.training.register_command import sample
from tests.model import foreign
from tests.model.conftest import TinyRun
from tests.support.command import garim

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow, transformers and torch deprecate inside themselves; that is not ours to mend."""


# The rule, on scores made here.


def _example(text: str, source: str, *, offensive: bool, **labels: bool) -> Example:
    known = {Label(name): value for name, value in labels.items()}
    return Example(text, source, offensive, known, UNKNOWN_TOKENS, text, split="test")


EXAMPLES = [
    *(_example(f"chat {number}", CLEAN_CHAT, offensive=False) for number in range(1000)),
    *(_example(f"group {number}", NEUTRAL, offensive=False) for number in range(300)),
    *(_example(f"clean {number}", "forum", offensive=False, insult=False) for number in range(300)),
    *(_example(f"curse {number}", "forum", offensive=True, insult=True) for number in range(300)),
]
CHAT, GROUP, CLEAN, CURSE = slice(0, 1000), slice(1000, 1300), slice(1300, 1600), slice(1600, 1900)


def _scores(*, skill: float = 1.5, chat: float = 0.0, group: float = 0.0, labels: bool = True, seed: int = 1) -> Scores:
    """Return scores of a model with so much skill, that flags these shares of clean chat and of neutral rows."""
    random = np.random.default_rng(seed)
    logits = random.normal(size=len(EXAMPLES)) * 0.9 - 1.5
    logits[CURSE] += skill
    scores = np.zeros((len(EXAMPLES), len(LABELS)))
    column = LABELS.index(Label.INSULT if labels else Label.AGE)
    scores[:, column] = np.minimum(1 / (1 + np.exp(-logits)), 0.89)
    for rows, share in ((CHAT, chat), (GROUP, group)):
        count = int(share * (rows.stop - rows.start))
        scores[rows.start : rows.start + count, column] = 0.95
    return scores


@pytest.mark.parametrize(
    ("new", "old", "against", "reason"),
    [
        (_scores(skill=3.0), _scores(), [], "clearly better, and no guard broken"),
        (_scores(), _scores(), ["AUC"], "the same model does not beat itself"),
        (_scores(seed=2), _scores(seed=1), ["AUC"], "another draw of the same skill is noise"),
        (_scores(skill=1.0), _scores(skill=3.0), ["AUC", "recall", "F1"], "worse in every way"),
        (_scores(skill=3.0, chat=0.02), _scores(), ["clean chat", "recall"], "better, but it flags clean chat"),
        (_scores(skill=3.0, chat=0.001), _scores(), [], "one clean line in a thousand is within the promise"),
        (_scores(skill=3.0, group=0.05), _scores(), ["neutral"], "better, but it flags sentences that name a group"),
        (_scores(skill=3.0, group=0.01), _scores(), [], "one neutral sentence in a hundred is within the promise"),
        (_scores(skill=3.0, labels=False), _scores(), ["F1"], "better at offence, but it names the wrong labels"),
        (_scores(skill=3.0, chat=0.02), _scores(chat=0.03), [], "flags too much, but no more than the present one"),
    ],
)
def test_the_rule(new: Scores, old: Scores, against: list[str], reason: str) -> None:
    comparison = compare(Yardstick(EXAMPLES), new, old)
    assert len(comparison.against) == len(against), (reason, comparison.against)
    for words, told in zip(against, comparison.against, strict=True):
        assert words in told, reason
    assert comparison.beats == (not against), reason


def test_rows_that_cannot_tell_crown_nobody() -> None:
    few = EXAMPLES[:50]  # not one offensive text
    comparison = compare(Yardstick(few), _scores()[:50], _scores()[:50])
    assert comparison.against == ("the rows have too few offensive or clean texts to compare anything",)


def test_the_weighted_auc_is_the_known_one_and_weights_stand_for_copies() -> None:
    from sklearn.metrics import roc_auc_score

    random = np.random.default_rng(3)
    truth, scores = random.random(200) > 0.6, random.integers(0, 20, 200) / 20
    weights = random.integers(0, 4, 200).astype(float)
    assert weighted_auc(truth, scores, np.ones(200)) == pytest.approx(roc_auc_score(truth, scores))
    copies = np.repeat(np.arange(200), weights.astype(int))
    assert weighted_auc(truth, scores, weights) == pytest.approx(roc_auc_score(truth[copies], scores[copies]))
    assert weighted_auc(truth & False, scores, weights) == 0.5


def test_a_sample_is_the_same_for_every_model_and_no_larger_than_asked() -> None:
    assert sample(EXAMPLES, 100) == sample(list(reversed(EXAMPLES)), 100)
    assert len(sample(EXAMPLES, 100)) == 100
    assert sample(EXAMPLES, None) == sample(EXAMPLES, 10_000) == EXAMPLES


# The registry.


ROWS = foreign.chat(curse=[0], slur=[1], clean=[2], rows=160)
HELD_OUT = [
    _example(text, CLEAN_CHAT if number % 4 == 3 else "forum", offensive=mine != [2])
    for number, (text, mine) in enumerate(ROWS)
]
"""Half of the clean rows are chat."""
NAMED = {"LABEL_0": "profanity", "LABEL_1": "gender", "LABEL_2": "clean"}


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model that knows curses and slurs, whose labels need telling."""
    made = foreign.make(BertForSequenceClassification, tuple(NAMED), ROWS, multi=True)
    return foreign.save(made, tmp_path_factory.mktemp("good") / "model")


@pytest.fixture(scope="module")
def poor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a model that takes curses for clean text, its labels told in its metadata."""
    rows = foreign.chat(curse=[2], slur=[1], clean=[2], rows=160)
    made = foreign.make(BertForSequenceClassification, tuple(NAMED), rows, multi=True)
    return foreign.save(made, tmp_path_factory.mktemp("poor") / "model", metadata={"garim_labels": NAMED})


def _aliases(server: str, name: str) -> tuple[str | None, str | None]:
    with registry(server) as client:
        return version_of(client, name, CHALLENGER), version_of(client, name, CHAMPION)


def _tags(server: str, done: Registered) -> dict[str, str]:
    with registry(server) as client:
        return dict(client.get_model_version(done.name, done.version).tags)


def test_the_champion_changes_only_for_a_better_one(good: Path, poor: Path, mlflow_server: str) -> None:
    name = "contest"
    first = register(poor, HELD_OUT, server=mlflow_server, name=name)
    assert (first.promoted, first.champion, first.why) == (True, None, "there is no champion yet")
    better = register(good, HELD_OUT, server=mlflow_server, name=name, labels=NAMED, promote=False)
    assert better.comparison is not None
    assert better.comparison.beats
    assert (better.promoted, _aliases(mlflow_server, name)) == (False, ("2", "1")), "@challenger alone was asked for"
    again = register(good, HELD_OUT, server=mlflow_server, name=name, labels=NAMED)
    assert (again.promoted, _aliases(mlflow_server, name)) == (True, ("3", "3"))
    back = register(poor, HELD_OUT, server=mlflow_server, name=name)
    assert (back.promoted, _aliases(mlflow_server, name)) == (False, ("4", "3"))
    assert "not better beyond noise" in back.why
    forced = register(poor, HELD_OUT, server=mlflow_server, name=name, forced="the good one is too slow")
    assert (forced.promoted, _aliases(mlflow_server, name)) == (True, ("5", "5"))

    tags = _tags(mlflow_server, forced)
    assert tags["garim.forced"] == "the good one is too slow"
    assert tags["garim.compared_with"] == "3"
    assert float(tags["garim.auc"]) == pytest.approx(forced.figures["auc"], abs=1e-4)
    assert "garim.forced" not in _tags(mlflow_server, again)
    champion = load_classifier("models:/contest/3", tracking_uri=mlflow_server)
    assert champion.predict(["공원 시발 멀다"])[0].scores[Label.PROFANITY] > 0.5, "the mapping travels with the version"


def test_a_champion_that_does_not_load_here_keeps_its_place(good: Path, mlflow_server: str, tmp_path: Path) -> None:
    name = "broken"
    first = register(good, HELD_OUT, server=mlflow_server, name=name, labels=NAMED)
    damaged = tmp_path / "model"
    shutil.copytree(good, damaged)
    (damaged / "model" / "config.json").unlink()
    with registry(mlflow_server) as client:
        run = client.get_model_version(name, first.version).run_id
        client.log_artifacts(run, str(damaged), "damaged")
        made = client.create_model_version(name, f"{client.get_run(run).info.artifact_uri}/damaged", run_id=run)
        client.set_registered_model_alias(name, CHAMPION, made.version)
    done = register(good, HELD_OUT, server=mlflow_server, name=name, labels=NAMED)
    assert (done.promoted, done.comparison) == (False, None)
    assert "cannot be loaded here" in done.why
    assert _aliases(mlflow_server, name) == (done.version, str(made.version))


def test_a_champion_that_somebody_else_moved_meanwhile_is_left_alone(
    good: Path, poor: Path, mlflow_server: str
) -> None:
    name = "race"
    register(poor, HELD_OUT, server=mlflow_server, name=name)
    other = register(poor, HELD_OUT, server=mlflow_server, name=name)

    def move(what: str, done: int, of: int) -> None:
        if what.startswith("models:/"):
            with registry(mlflow_server) as client:
                client.set_registered_model_alias(name, CHAMPION, other.version)

    done = register(good, HELD_OUT, server=mlflow_server, name=name, labels=NAMED, tell=move)
    assert (done.promoted, _aliases(mlflow_server, name)) == (False, ("3", "2"))
    assert "moved by somebody else" in done.why


def test_a_folder_that_does_not_load_leaves_no_trace(mlflow_server: str, tmp_path: Path, good: Path) -> None:
    with pytest.raises(ModelRefused, match="nobody knows what its labels"):
        register(good, HELD_OUT, server=mlflow_server, name="untold")
    with registry(mlflow_server) as client:
        assert client.search_registered_models("name = 'untold'") == []


@pytest.fixture
def refusing_server() -> Iterator[str]:
    """Serve an address that answers everything with 403, as a registry does to a stranger."""

    class Refuse(BaseHTTPRequestHandler):
        def _refuse(self) -> None:
            body = json.dumps({"error_code": "PERMISSION_DENIED", "message": "You shall\nnot pass"}).encode()
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _refuse  # noqa: N815 - the names that the library looks for

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://user:hunter2@127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_that_refuses_is_one_line_of_ours(good: Path, refusing_server: str) -> None:
    with pytest.raises(RegistryError) as caught:
        register(good, HELD_OUT, server=refusing_server, labels=NAMED)
    assert "\n" not in str(caught.value)
    assert "You shall" in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_server_that_is_gone_is_one_line_of_ours(good: Path) -> None:
    with pytest.raises(RegistryError, match="did not do what was asked"):
        register(good, HELD_OUT, server="http://127.0.0.1:9", labels=NAMED)


# The command, and what it is for.

CONFIG = 'check_sources = false\nsources = ["kmhas", "clean_utterances", "english_toxic_spans"]\n'

SKINNY = """
import importlib.abc, importlib.metadata as meta, pathlib, re, sys

def names(distribution):
    return {re.split(r"[ ;<>=!~\\[(]", each)[0].lower().replace("_", "-")
            for each in meta.requires(distribution) or () if "extra ==" not in each}

def files(distribution):
    return {str(each) for each in meta.files(distribution)}

beyond = files("mlflow") - files("mlflow-skinny") - files("mlflow-tracing")
more = names("mlflow") - names("mlflow-skinny") - names("garim")
packages = {module for module, owners in meta.packages_distributions().items()
            if {owner.lower().replace("_", "-") for owner in owners} & more}
packages -= {"mlflow"}
packages |= {"torch", "transformers"}

class Absent(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        part = name.replace(".", "/")
        if name.partition(".")[0] in packages or {f"{part}.py", f"{part}/__init__.py"} & beyond:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
for gone in ("flask", "mlflow.server.handlers"):
    try:
        __import__(gone)
    except ModuleNotFoundError:
        continue
    sys.exit(f"{gone} is there, so nothing is shown")
from masker import Masker
print(Masker.load("models:/skinny@champion").classifier.predict(["서울 시발 가자"])[0].scores)
"""


def _ran(result: Any) -> str:
    assert result.exit_code == 0, result.output
    return str(result.output)


def test_the_whole_road_from_a_trained_folder_to_a_bot_without_mlflow_proper(
    tiny_run: TinyRun, mlflow_server: str, tmp_path: Path
) -> None:
    (tmp_path / "run.toml").write_text(CONFIG, encoding="utf-8")
    arguments = ["--name", "skinny", "--data", str(tiny_run.data), "--config", str(tmp_path / "run.toml")]
    ran = garim(
        *("register", str(tiny_run.model), *arguments),
        folder=tmp_path,
        settings={"MLFLOW_TRACKING_URI": mlflow_server},
    )
    assert ran.returncode == 0, ran.stderr
    assert "AUC of max(labels)" in ran.stdout
    assert "skinny version 1 is @challenger and @champion: there is no champion yet" in ran.stdout
    told = CliRunner().invoke(command, [str(tiny_run.model), *arguments, "--tracking-uri", mlflow_server])
    assert "skinny version 2 is @challenger: AUC" in _ran(told)
    assert "@champion stays version 1" in told.output

    program = subprocess.run(
        [sys.executable, "-c", SKINNY],
        env={**_plain_environment(), "MLFLOW_TRACKING_URI": mlflow_server},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert program.returncode == 0, program.stderr
    expected = load_classifier(str(tiny_run.model)).predict(["서울 시발 가자"])[0].scores
    assert program.stdout.strip() == str(expected)


def _plain_environment() -> dict[str, str]:
    from tests.support.command import environment

    return environment()


@pytest.mark.parametrize(
    ("arguments", "told", "reason"),
    [
        (["gone"], "no model folder at gone", "a folder that is not there"),
        (["gone", "--labels", "none.json"], "none.json: cannot be read", "a mapping that is not there"),
        (["gone", "--config", "none.toml"], "none.toml: cannot be read", "a config that is not there"),
        (["gone", "--data", "nowhere"], "nowhere", "data that is not there"),
    ],
)
def test_what_the_command_cannot_do_is_one_line(
    arguments: Sequence[str], told: str, reason: str, tiny_run: TinyRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.toml").write_text(CONFIG, encoding="utf-8")
    given = [*arguments]
    given += [] if "--data" in given else ["--data", str(tiny_run.data)]
    given += [] if "--config" in given else ["--config", "run.toml"]
    result = CliRunner().invoke(command, given)
    assert result.exit_code == 1, reason
    assert told in result.output, reason
    assert len(result.output.strip().splitlines()) == 1, reason


def test_scoring_rows_takes_any_classifier_and_counts(good: Path) -> None:
    done: list[int] = []
    texts = [example.text for example in HELD_OUT] * 2
    for classifier in (load_classifier("embedded"), load_classifier(str(good), labels=NAMED)):
        scores = score_rows(classifier, texts, done.append)
        expected = [[each.scores[label] for label in LABELS] for each in classifier.predict(texts[:3])]
        assert np.allclose(scores[:3], expected, atol=0.05)
        assert scores.shape == (len(texts), len(LABELS))
    assert done == [256, 320, 256, 320]
