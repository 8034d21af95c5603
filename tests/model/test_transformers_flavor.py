"""A BERT or an ELECTRA that somebody else logged with the transformers flavour loads, scores, marks and is checked."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from transformers import BertForSequenceClassification, ElectraForSequenceClassification

from masker import LABELS, Label, Masker
from masker.errors import ModelRefused
from masker.model.loading import load_classifier
from masker.model.transformers_flavor.classifier import TransformersClassifier
from masker.model.transformers_flavor.meaning import NAMES, Harmless, meaning_of, meanings, read_mapping
from tests.model import foreign
from tests.model.foreign import CURSES, SLURS, Foreign
from tests.support.command import garim

pytestmark = pytest.mark.filterwarnings("ignore")
"""MLflow, transformers and torch deprecate inside themselves; that is not ours to mend."""

KOREAN = ("욕설", "여성/가족", "clean")


@pytest.fixture(scope="module")
def bert() -> Foreign:
    """Return a multi-label BERT with Korean labels."""
    rows = foreign.chat(curse=[0], slur=[1], clean=[2])
    return foreign.make(BertForSequenceClassification, KOREAN, rows, multi=True)


@pytest.fixture(scope="module")
def electra() -> Foreign:
    """Return a single-label ELECTRA whose config names nothing."""
    rows = foreign.chat(curse=[1], slur=[2], clean=[0])
    return foreign.make(ElectraForSequenceClassification, ("LABEL_0", "LABEL_1", "LABEL_2"), rows, multi=False)


MEANT = {"LABEL_0": "clean", "LABEL_1": "profanity", "2": "성별"}


@pytest.fixture(scope="module")
def saved(bert: Foreign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the BERT's folder; tests copy it."""
    return foreign.save(bert, tmp_path_factory.mktemp("saved") / "model")


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder that the test may damage."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def _marked(classifier: Any, text: str) -> list[str]:
    (prediction,) = classifier.predict([text])
    return [text[token.start : token.end] for token in prediction.tokens if token.score >= 0.5]


def test_a_multi_label_bert_from_a_real_server_scores_as_its_own_pipeline_does_and_marks_words(
    bert: Foreign, mlflow_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = foreign.log(bert, mlflow_server, "their-bert")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", mlflow_server)
    masker = Masker.load(uri)
    assert isinstance(masker.classifier, TransformersClassifier)
    for text in ("서울 가자", "공원 병신 멀다", "hello 김치녀 왔어"):
        theirs = bert.scores(text)
        (prediction,) = masker.classifier.predict([text])
        assert set(prediction.scores) == set(LABELS)
        assert prediction.scores[Label.PROFANITY] == pytest.approx(theirs[0], abs=1e-4)
        assert prediction.scores[Label.GENDER] == pytest.approx(theirs[1], abs=1e-4)
    for word in (*CURSES, *SLURS):
        assert _marked(masker.classifier, f"공원 {word} 춥다 가자") == [word]
    assert masker.mask("서울 김치녀 왔어").text == "서울 ●●● 왔어"
    assert masker.mask("서울 가자").text == "서울 가자"


def test_a_single_label_electra_needs_a_mapping_and_gets_it_from_the_caller_or_its_metadata(
    electra: Foreign, mlflow_server: str
) -> None:
    plain = foreign.log(electra, mlflow_server, "their-electra")
    with pytest.raises(ModelRefused) as caught:
        load_classifier(plain, tracking_uri=mlflow_server)
    for words in ("LABEL_0, LABEL_1, LABEL_2", "garim_labels", "labels=", "clean", "profanity", plain):
        assert words in str(caught.value)
    described = foreign.log(electra, mlflow_server, "their-electra", metadata={"garim_labels": MEANT})
    by_caller = load_classifier(plain, tracking_uri=mlflow_server, labels=MEANT)
    by_metadata = load_classifier(described, tracking_uri=mlflow_server)
    for text in ("서울 가자", "공원 시발 멀다", "한남충 왔어"):
        (one,), (other,) = by_caller.predict([text]), by_metadata.predict([text])
        assert one == other
        clean, curse, slur = electra.scores(text)
        offence = max(one.scores.values())
        assert offence == pytest.approx(1 - clean, abs=1e-4), "the highest label takes the score of all offences"
        strongest = Label.PROFANITY if curse > slur else Label.GENDER
        assert one.scores[strongest] == offence
    assert _marked(by_metadata, "카페 한남충 좋다 시발") == ["한남충", "시발"]


def test_a_text_past_512_tokens_is_read_in_windows(saved: Path) -> None:
    classifier = load_classifier(str(saved))
    long = "서울 가자\n" * 600
    texts = [long, long + "시발\n" + long, "시발\n" + long, long + "시발"]
    scores = [max(prediction.scores.values()) for prediction in classifier.predict(texts)]
    assert scores[0] < 0.3
    assert min(scores[1:]) > 0.6
    assert "시발" in _marked(classifier, texts[1])
    assert len(_marked(classifier, texts[1])) < 30


def test_odd_texts_are_answered(saved: Path) -> None:
    classifier = load_classifier(str(saved))
    texts = ["", " ", "\n", "\ud800 시발", "가" * 20_000, "[MASK] [CLS]", "\x00", "👨‍👩‍👧 시발"]
    predictions = classifier.predict(texts)
    assert len(predictions) == len(texts)
    for text, prediction in zip(texts, predictions, strict=True):
        assert all(0 <= token.start < token.end <= len(text) for token in prediction.tokens)
    assert classifier.predict([]) == []


def test_several_of_their_labels_may_mean_one_of_ours(bert: Foreign, electra: Foreign, tmp_path: Path) -> None:
    both = {"욕설": "insult", "1": "insult"}
    sigmoid = load_classifier(str(foreign.save(bert, tmp_path / "bert")), labels=both)
    (prediction,) = sigmoid.predict(["공원 시발 멀다"])
    assert prediction.scores[Label.INSULT] == pytest.approx(max(bert.scores("공원 시발 멀다")[:2]), abs=1e-4)
    softmax = load_classifier(
        str(foreign.save(electra, tmp_path / "electra")), labels={"0": "정상", "1": "insult", "2": "insult"}
    )
    (prediction,) = softmax.predict(["공원 시발 멀다"])
    assert prediction.scores[Label.INSULT] == pytest.approx(sum(electra.scores("공원 시발 멀다")[1:]), abs=1e-4)


# What is refused.


def _config(folder: Path, **changes: Any) -> None:
    _edit(folder / "model" / "config.json", **changes)


def _edit(path: Path, **changes: Any) -> None:
    content = {**json.loads(path.read_text("utf-8")), **changes}
    path.write_text(json.dumps({name: value for name, value in content.items() if value is not None}), "utf-8")


def _flavor(folder: Path, **changes: Any) -> None:
    content = yaml.safe_load((folder / "MLmodel").read_text("utf-8"))
    content["flavors"]["transformers"].update(changes)
    (folder / "MLmodel").write_text(yaml.safe_dump(content), "utf-8")


def _pickled(folder: Path) -> None:
    """Leave weights as older libraries wrote them; the file would leave a mark if anything unpickled it."""
    (folder / "model" / "model.safetensors").unlink()
    mark = str(folder / "sprung").encode()
    (folder / "model" / "pytorch_model.bin").write_bytes(b"cposix\nsystem\n(S'touch " + mark + b"'\ntR.")


def _cut_weights(folder: Path) -> None:
    path = folder / "model" / "model.safetensors"
    path.write_bytes(path.read_bytes()[:2000])


def _no_head(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    path = folder / "model" / "model.safetensors"
    tensors = {name: tensor for name, tensor in load_file(path).items() if not name.startswith("classifier")}
    save_file(tensors, path, metadata={"format": "pt"})


def _newer_tokenizer(folder: Path) -> None:
    """Write the vocabulary as a list of pairs: a form that no library of today has."""
    path = folder / "components" / "tokenizer" / "tokenizer.json"
    content = json.loads(path.read_text("utf-8"))
    del content["model"]["type"]
    content["model"]["vocab"] = [{"token": token, "id": number} for token, number in content["model"]["vocab"].items()]
    path.write_text(json.dumps(content), "utf-8")


def _linked(folder: Path) -> None:
    path = folder / "model" / "config.json"
    shutil.move(path, folder.parent / "config.json")
    path.symlink_to(folder.parent / "config.json")


def _with_config(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: _config(folder, **changes)


def _with_flavor(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: _flavor(folder, **changes)


def _with_tokenizer(**changes: Any) -> Callable[[Path], None]:
    return lambda folder: _edit(folder / "components" / "tokenizer" / "tokenizer_config.json", **changes)


def _without(*parts: str) -> Callable[[Path], None]:
    return lambda folder: folder.joinpath(*parts).unlink()


UNTOLD = {"0": "욕설", "1": "LABEL_1", "2": "수수께끼"}
COMPETING = {"problem_type": "single_label_classification", "id2label": {"0": "욕설", "1": "성별", "2": "연령"}}
REFUSALS: list[tuple[str, Callable[[Path], None], str]] = [
    ("weights as a pickle", _pickled, "pytorch_model.bin: a pickle, which can run code, and only safetensors"),
    ("no weights", _without("model", "model.safetensors"), "has no weights"),
    ("weights cut short", _cut_weights, "cannot read it"),
    ("weights without a head", _no_head, "the weights lack classifier"),
    ("no config", _without("model", "config.json"), "config.json is missing"),
    ("another architecture", _with_config(architectures=["GPT2Model"]), "'GPT2Model' is not among"),
    ("a disguised architecture", _with_config(model_type="gpt2"), "is not among"),
    ("remote code", _with_config(auto_map={"AutoModel": "evil.Model"}), "auto_map asks for code"),
    ("a quantiser", _with_config(quantization_config={"quant_method": "x"}), "quantization_config asks for code"),
    ("remote code in the tokeniser", _with_tokenizer(auto_map={"AutoTokenizer": "evil.T"}), "auto_map asks for code"),
    ("another tokeniser", _with_tokenizer(tokenizer_class="LlamaTokenizer"), "LlamaTokenizer"),
    ("code of its own", _with_flavor(code="code"), "code of its own"),
    ("weights elsewhere", _with_flavor(model_binary="../model"), "model_binary must name a folder"),
    ("weights left on a hub", _with_flavor(model_binary="gone"), "save_pretrained=True"),
    ("a file behind a link", _linked, "holds or is a link"),
    ("labels nobody knows", _with_config(id2label=UNTOLD), "LABEL_1, 수수께끼"),
    ("no label for clean text", _with_config(**COMPETING), "none stands for clean text"),
    ("labels that are no offence", _with_config(id2label={"0": "clean", "1": "none", "2": "ok"}), "names an offence"),
    ("labels with a gap", _with_config(id2label={"0": "욕설", "2": "clean"}), "id2label must name"),
    ("a tokeniser of a newer form", _newer_tokenizer, "cannot read it"),
]


@pytest.mark.parametrize(("reason", "damage", "told"), REFUSALS, ids=[row[0] for row in REFUSALS])
def test_what_cannot_or_must_not_be_loaded_is_refused_in_one_line(
    folder: Path, reason: str, damage: Callable[[Path], None], told: str
) -> None:
    damage(folder)
    with pytest.raises(ModelRefused) as caught:
        load_classifier(str(folder))
    assert told in str(caught.value), reason
    assert str(folder) in str(caught.value), reason
    assert "\n" not in str(caught.value), reason
    assert not (folder / "sprung").exists(), reason


def test_a_tokeniser_of_a_newer_form_names_both_versions_and_the_remedy(folder: Path) -> None:
    _newer_tokenizer(folder)
    _flavor(folder, transformers_version="99.1.0")
    with (folder / "requirements.txt").open("a", encoding="utf-8") as stream:
        stream.write("\ntokenizers==98.7\n")
    with pytest.raises(ModelRefused) as caught:
        load_classifier(str(folder))
    for words in (
        *("transformers 99.1.0", "tokenizers 98.7"),
        *(f"transformers {version('transformers')}", f"tokenizers {version('tokenizers')}"),
        "pip install -U 'transformers==99.1.0'",
    ):
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("mapping", "told", "reason"),
    [
        ({"LABEL_9": "clean"}, "speaks of 'LABEL_9'", "a label that the model does not have"),
        ({"욕설": "rude"}, "the meaning 'rude'", "a meaning that is none of ours"),
    ],
)
def test_a_mapping_that_fits_nothing_is_refused(
    saved: Path, mapping: Mapping[str, str], told: str, reason: str
) -> None:
    with pytest.raises(ModelRefused, match=told):
        load_classifier(str(saved), labels=mapping)


def test_a_model_of_ours_takes_no_mapping() -> None:
    with pytest.raises(ModelRefused, match="speaks in our labels"):
        load_classifier("embedded", labels={"LABEL_0": "clean"})


def test_the_extra_is_named_when_torch_or_transformers_is_missing(saved: Path) -> None:
    program = (
        "import sys\n"
        "sys.modules['torch'] = sys.modules['transformers'] = None\n"
        "import importlib.util\n"
        "from masker.errors import ModelRefused\n"
        "from masker.model.loading import load_classifier\n"
        "load_classifier('embedded')\n"
        f"try: load_classifier({str(saved)!r})\n"
        "except ModelRefused as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300)
    assert "needs torch and transformers, which are not installed; run: pip install 'garim[" in done.stdout, done.stderr


# The table of names.


def test_the_table_knows_our_own_labels_and_gives_no_name_twice() -> None:
    assert [meaning_of(label.value) for label in LABELS] == list(LABELS)
    names = [name for names in NAMES.values() for name in names]
    assert len(names) == len(set(names))
    assert {meaning_of(name) for name in names} == {*LABELS, *Harmless}
    assert all(meaning_of(name) is meaning for meaning, names in NAMES.items() for name in names)


@pytest.mark.parametrize(
    ("names", "expected", "source"),
    [
        (
            ("여성/가족", "남성", "성소수자", "인종/국적", "연령", "지역", "종교", "기타 혐오", "악플/욕설", "clean"),
            ("gender", "gender", "sexuality", "origin", "age", "origin", "religion", "insult", "insult", "clean"),
            "UnSmile",
        ),
        (
            (
                "출신차별",
                "외모차별",
                "정치성향차별",
                "혐오욕설",
                "연령차별",
                "성차별",
                "인종차별",
                "종교차별",
                "해당사항없음",
            ),
            ("origin", "physical", "politics", "profanity", "age", "gender", "race", "religion", "clean"),
            "K-MHaS",
        ),
        (("none", "offensive", "hate"), ("clean", "insult", "insult"), "BEEP!"),
        (("NOT_OFFEN", "LIKELY", "OFFEN"), ("clean", "insult", "insult"), "KODOLI"),
        (("Default", "Spoiled"), ("clean", "insult"), "APEACH"),
        (("hate_speech", "offensive_language", "neither"), ("insult", "insult", "clean"), "Davidson"),
        (
            ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"),
            ("insult", "insult", "profanity", "threat", "insult", "insult"),
            "Jigsaw",
        ),
    ],
)
def test_the_labels_of_public_models_need_no_mapping(
    names: tuple[str, ...], expected: tuple[str, ...], source: str
) -> None:
    assert meanings(names, {}, source) == expected


def test_the_command_line_takes_a_mapping_from_a_file(electra: Foreign, tmp_path: Path) -> None:
    foreign.save(electra, tmp_path / "model")
    (tmp_path / "labels.json").write_text(json.dumps(MEANT), encoding="utf-8")
    arguments = ("mask", "--jsonl", "--model", str(tmp_path / "model"))
    line = json.dumps({"text": "서울 한남충 왔어"})
    refused = garim(*arguments, folder=tmp_path, stdin=line, timeout_s=300)
    assert (refused.returncode, "LABEL_0" in refused.stderr, refused.stdout) == (1, True, "")
    done = garim(*arguments, "--labels", str(tmp_path / "labels.json"), folder=tmp_path, stdin=line, timeout_s=300)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert answer["labels"]["gender"] > 0.5
    assert answer["masked"] == "서울 ●●● 왔어"


@pytest.mark.parametrize("content", ["{", "[1]", '{"LABEL_0": 1}', None])
def test_a_mapping_file_that_is_none_is_named(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ModelRefused, match=re.escape(str(path))):
        read_mapping(path)


def test_the_document_shows_the_table_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "models.md").read_text("utf-8")
    shown = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert shown == [(meaning.value, ", ".join(names)) for meaning, names in NAMES.items()]
