"""The whole road in small: data to checkpoint to graph to MLflow folder to registry to predictions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner

from masker.labels import LABELS, Label
from masker.model.inference import OnnxClassifier
from masker.model.loading import EMBEDDED_FOLDER, load_classifier
from masker.training.__main__ import DEFAULT_CONFIG, main
from masker.training.config import read_config
from masker.training.mapping import UNSUPERVISED
from masker.training.prepare import load_examples, load_tokenizer
from masker.training.sources import DataError
from masker.training.tracking import track
from masker.training.train import SNAPSHOT, final_network, fit
from tests.model.conftest import CURSES, TINY, TinyRun

CONFIGS = DEFAULT_CONFIG.parent

mlflows_own_warnings = pytest.mark.filterwarnings("ignore")
"""These tests call MLflow's client, whose deprecations inside itself and SQLAlchemy are not ours to mend."""


def test_a_tiny_model_learns_its_curses_and_where_they_stand(tiny_classifier: OnnxClassifier) -> None:
    texts = [f"공원 {curse} 춥다" for curse in CURSES]
    for text, curse, prediction in zip(texts, CURSES, tiny_classifier.predict(texts), strict=True):
        best = max(prediction.tokens, key=lambda token: token.score)
        assert curse in text[best.start : best.end] or text[best.start : best.end] in curse
    offended = [max(prediction.scores.values()) for prediction in tiny_classifier.predict(texts)]
    clean = [max(prediction.scores.values()) for prediction in tiny_classifier.predict(["공원 춥다", "서울 가자"])]
    assert min(offended) > max(clean)


def test_the_figures_are_measured_and_the_quantised_graph_ranks_like_the_float_one(tiny_run: TinyRun) -> None:
    figures = tiny_run.figures
    assert figures["auc"] > 0.9
    assert abs(figures["quantisation"]["float_auc"] - figures["quantisation"]["int8_auc"]) <= 0.01
    assert figures["quantisation"]["float_logit_difference"] < 2e-3
    assert json.loads((tiny_run.model / "evaluation.json").read_text("utf-8")) == figures


def test_the_card_names_every_source_and_the_labels_nobody_supervised(tiny_run: TinyRun) -> None:
    card = (tiny_run.model / "MODEL_CARD.md").read_text("utf-8")
    for words in ("K-MHaS", "KODOLI", "BEEP!", "CC BY-SA 4.0", "Not to be used", "`threat`", "`sexual`"):
        assert words in card


def test_unsupervised_labels_score_zero(tiny_classifier: OnnxClassifier) -> None:
    scores = tiny_classifier.predict(["시발 병신 새끼"])[0].scores
    assert [scores[label] for label in UNSUPERVISED] == [0.0] * len(UNSUPERVISED)
    assert set(scores) == set(LABELS)
    assert Label.INSULT in scores


def test_a_finished_run_resumes_to_the_same_weights(tiny_run: TinyRun, tmp_path: Path) -> None:
    before = torch.load(tiny_run.run / "fit.pt", weights_only=True)
    examples = load_examples(TINY, tiny_run.data, tiny_run.run)
    tokenizer = load_tokenizer(TINY, tiny_run.data, tiny_run.run, examples)
    after = torch.load(fit(TINY, tokenizer, examples, None, tiny_run.run), weights_only=True)
    assert before["step"] == after["step"]
    assert all(torch.equal(before["model"][name], after["model"][name]) for name in before["model"])


def test_an_interrupted_run_goes_on_where_it_was_saved(tiny_run: TinyRun, tmp_path: Path) -> None:
    examples = load_examples(TINY, tiny_run.data, tiny_run.run)
    tokenizer = load_tokenizer(TINY, tiny_run.data, tiny_run.run, examples)
    short = TINY.model_copy(update={"fit": TINY.fit.model_copy(update={"epochs": 1})})
    fit(short, tokenizer, examples, None, tmp_path)
    first = torch.load(tmp_path / "fit.pt", weights_only=True)
    two = TINY.model_copy(update={"fit": TINY.fit.model_copy(update={"epochs": 2})})
    fit(two, tokenizer, examples, None, tmp_path)
    second = torch.load(tmp_path / "fit.pt", weights_only=True)
    assert (first["epoch"], second["epoch"]) == (1, 2)
    assert second["step"] > first["step"] > 0
    records = [json.loads(line) for line in (tmp_path / "progress.jsonl").read_text("utf-8").splitlines()]
    assert [record["done"] for record in records] == sorted(record["done"] for record in records if record["done"])


def test_the_final_weights_are_the_mean_of_the_last_and_the_snapshot(tiny_run: TinyRun) -> None:
    last = torch.load(tiny_run.run / "fit.pt", weights_only=True)["model"]
    earlier = torch.load(tiny_run.run / SNAPSHOT, weights_only=True)
    name = "sentence.4.weight"
    assert not torch.equal(last[name], earlier[name])
    assert torch.allclose(final_network(TINY, tiny_run.run).state_dict()[name], (last[name] + earlier[name]) / 2)


def test_a_source_with_a_bar_of_its_own_learns_it_and_the_graph_does_without(tiny_run: TinyRun) -> None:
    network = final_network(TINY, tiny_run.run)
    (bar,) = network.bars.values()
    assert bar.item() != 0.0
    assert network.offsets(["english_toxic_spans", "kmhas"]).tolist() == [0.0, bar.item()]


def test_the_graph_and_the_network_agree_on_real_text(tiny_run: TinyRun, tiny_classifier: OnnxClassifier) -> None:
    text = "부산 지랄 멀다"
    tokenizer = load_tokenizer(TINY, tiny_run.data, tiny_run.run, [])
    network = final_network(TINY, tiny_run.run)
    ids = torch.tensor([tokenizer.encode(text).ids])
    with torch.no_grad():
        sentence, token = network(ids, torch.ones_like(ids))
    raw = tiny_classifier.raw([text])
    assert np.abs(raw.sentence[0] - sentence[0].numpy()).max() < 0.5
    assert np.abs(raw.tokens[0] - token[0, 1:-1].numpy()).max() < 0.5


@mlflows_own_warnings
def test_mlflow_itself_serves_the_folder_from_a_list_a_column_and_a_frame(tiny_run: TinyRun) -> None:
    import mlflow.pyfunc

    model = mlflow.pyfunc.load_model(str(tiny_run.model))
    texts = ["서울 가자", "학교 시발 왔어"]
    frames = [
        model.predict(pd.DataFrame({"text": texts})),
        model.predict(texts),
        model.predict(pd.Series(texts, name="text")),
    ]
    for frame in frames:
        assert list(frame.columns) == [*(label.value for label in LABELS), "spans"]
        assert len(frame) == 2
        assert {"start", "end", "score"} == set(frame["spans"][1][0])
    direct = model.get_raw_model().predict(texts)
    assert frames[0]["profanity"].tolist() == pytest.approx([each.scores[Label.PROFANITY] for each in direct], abs=0.05)


@mlflows_own_warnings
def test_a_model_in_a_real_registry_loads_by_alias_and_scores_like_the_folder(
    tiny_run: TinyRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import mlflow

    monkeypatch.chdir(tmp_path)
    server = f"sqlite:///{tmp_path / 'mlflow.db'}"
    client = mlflow.MlflowClient(tracking_uri=server, registry_uri=server)
    experiment = client.create_experiment("garim", artifact_location=(tmp_path / "artifacts").as_uri())
    run = client.create_run(experiment)
    client.log_artifacts(run.info.run_id, str(tiny_run.model), "model")
    client.create_registered_model("garim")
    source = f"{run.info.artifact_uri}/model"
    made = client.create_model_version("garim", source, run_id=run.info.run_id)
    client.set_registered_model_alias("garim", "champion", made.version)

    texts = ["서울 가자", "학교 시발 왔어", "병신"]
    expected = load_classifier(str(tiny_run.model)).predict(texts)
    for uri in ("models:/garim@champion", f"models:/garim/{made.version}", f"runs:/{run.info.run_id}/model"):
        assert load_classifier(uri, tracking_uri=server).predict(texts) == expected
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server)
    assert load_classifier("models:/garim@champion").predict(texts) == expected


@mlflows_own_warnings
def test_a_finished_run_is_logged_with_settings_curves_pictures_and_the_model(
    tiny_run: TinyRun, mlflow_server: str
) -> None:
    from mlflow import MlflowClient

    made = track(TINY, tiny_run.run, tiny_run.model, tiny_run.figures, server=mlflow_server, version="7")
    client = MlflowClient(tracking_uri=mlflow_server)
    run = client.get_run(made)
    assert run.info.status == "FINISHED"
    assert run.data.params["fit.epochs"] == str(TINY.fit.epochs)
    assert run.data.metrics["test.kmhas.micro_f1"] == tiny_run.figures["kmhas_with_none"]["micro_f1"]
    losses = [metric.value for metric in client.get_metric_history(made, "fit.loss")]
    assert losses[-1] < losses[0]
    found = {
        entry.path
        for folder in (None, "evaluation", "pictures", "model")
        for entry in client.list_artifacts(made, folder)
    }
    assert {"counts.json", "evaluation/evaluation.html", "pictures/confusion.svg", "model/MLmodel"} <= found


def test_the_embedded_model_is_small_and_knows_a_curse_from_the_weather() -> None:
    classifier = load_classifier("embedded")
    assert sum(path.stat().st_size for path in EMBEDDED_FOLDER.rglob("*") if path.is_file()) <= 25_000_000
    curse, weather = classifier.predict(["시발 진짜 짜증나네", "오늘 날씨 좋네요"])
    assert max(curse.scores.values()) > 0.9
    assert max(weather.scores.values()) < 0.1
    assert {at for token in curse.tokens if token.score > 0.8 for at in range(token.start, token.end)} == {0, 1}
    assert all(token.score < 0.3 for token in weather.tokens)


def test_the_command_trains_and_says_clearly_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = CliRunner()
    for command in ([], ["train"], ["export"], ["evaluate"]):
        assert "--help" in runner.invoke(main, [*command, "--help"]).output
    monkeypatch.delenv("GARIM_SHARED", raising=False)
    told = runner.invoke(main, ["train", "--run", str(tmp_path / "run")])
    assert (told.exit_code, told.output.strip()) == (
        1,
        "Error: no data folder: pass --data DIR, or set GARIM_SHARED to the folder that holds data/",
    )
    gone = runner.invoke(main, ["evaluate", str(tmp_path / "none"), "--data", str(tmp_path)])
    assert gone.exit_code == 1
    assert "no model folder at" in gone.output


@pytest.mark.parametrize(
    ("content", "told", "reason"),
    [
        ("name = ", "not TOML", "a value is missing"),
        ("seeds = 3", "seeds: Extra inputs", "an unknown key is a typing error"),
        ("[network]\nlayers = 0", "network.layers", "a network needs a layer"),
    ],
)
def test_a_wrong_config_names_file_and_key(tmp_path: Path, content: str, told: str, reason: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=told) as caught:
        read_config(path)
    assert str(path) in str(caught.value), reason


def test_every_config_that_ships_can_be_read() -> None:
    found = {path.stem: read_config(path) for path in CONFIGS.glob("*.toml")}
    assert {"small", "base"} <= set(found)
    assert found["base"].network.base
    assert found["base"].pretrain.objective == "masked"
