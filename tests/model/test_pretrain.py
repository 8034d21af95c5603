"""Pretraining, new or from a checkpoint: it learns, it resumes to the same weights, and a base is read as written."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from masker.training.base import write_base
from masker.training.config import NetworkConfig, PretrainConfig, TrainConfig
from masker.training.encoder import new_encoder
from masker.training.prepare import load_tokenizer, pretraining_texts
from masker.training.pretrain import CHECKPOINT, encoder_at, pretrain
from masker.training.q4 import BLOCK, read_packed, unpack
from masker.training.sources import DataError
from masker.training.tokenizer import train_tokenizer
from tests.model.conftest import TINY, TinyRun

TEXTS = [
    f"{place} {thing} 정말 {word}"
    for place in ("서울", "부산")
    for thing in ("영화", "노래", "음식")
    for word in ("좋다", "싫다")
]
HIDDEN, VOCABULARY = (
    32,
    ["<s>", "<pad>", "</s>", "<unk>", "▁서울", "▁부산", "서", "울", "영화", "시", "발", "▁", "<mask>"],
)


def _config(objective: Literal["masked", "replaced"], kind: Literal["bert", "electra"], epochs: float) -> TrainConfig:
    network = NetworkConfig(
        kind=kind, embedding=16, hidden=16, layers=1, heads=2, intermediate=16, ngram_buckets=0, max_length=32
    )
    settings = PretrainConfig(
        objective=objective, max_minutes=5, epochs=epochs, tokens_per_batch=128, learning_rate=1e-2, hold=0.9
    )
    return TrainConfig(seed=3, threads=1, network=network, pretrain=settings)


@pytest.mark.parametrize(("objective", "kind"), [("masked", "bert"), ("masked", "electra"), ("replaced", "electra")])
def test_pretraining_learns_and_a_cut_run_resumes_to_the_same_weights(
    objective: Literal["masked", "replaced"], kind: Literal["bert", "electra"], tmp_path: Path
) -> None:
    tokenizer = train_tokenizer(TEXTS, 200)
    whole = pretrain(_config(objective, kind, 90), tokenizer, TEXTS, tmp_path)
    steps = torch.load(tmp_path / CHECKPOINT, weights_only=True)["step"]
    cut = tmp_path / "cut"
    cut.mkdir()
    # The rate follows the share of the run that is over, so the cut run has to be told the same end.
    half = _config(objective, kind, 90)
    pretrain(half, tokenizer, TEXTS, cut, stop_at=steps // 2)
    assert torch.load(cut / CHECKPOINT, weights_only=True)["step"] == steps // 2
    resumed = pretrain(half, tokenizer, TEXTS, cut)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert all(torch.equal(value, whole[name]) for name, value in encoder_at(cut / CHECKPOINT).items())
    records = [json.loads(line) for line in (tmp_path / "progress.jsonl").read_text("utf-8").splitlines()]
    name = "masked" if objective == "masked" else "generator"
    assert records[-1][name] < records[0][name]


def test_bert_does_not_detect_replacements(tmp_path: Path) -> None:
    with pytest.raises(DataError, match='BERT learns "masked"'):
        pretrain(_config("replaced", "bert", 1), train_tokenizer(TEXTS, 200), TEXTS, tmp_path)


def test_no_held_out_text_is_pretrained_on(tiny_run: TinyRun) -> None:
    from masker.training.prepare import load_examples

    examples = load_examples(TINY, tiny_run.data, tiny_run.run)
    texts = set(pretraining_texts(TINY, tiny_run.data, examples))
    assert {example.text for example in examples if example.split == "train"} <= texts
    assert not texts & {example.text for example in examples if example.split != "train"}
    assert any("영화" in text for text in texts)


def _block(values: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
    """Pack weights as the package does: a scale and a nibble each in blocks of 32."""
    rows = values.reshape(-1, 32)
    blocks = np.zeros(len(rows), BLOCK)
    blocks["scale"] = np.abs(rows).max(axis=1) / 7
    codes = np.rint(rows / blocks["scale"].astype(np.float32)[:, None] + 8).clip(0, 15).astype(np.uint8)
    blocks["nibbles"] = codes[:, :16] | codes[:, 16:] << 4
    return blocks.tobytes()


def _packed_file(path: Path) -> dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]]:
    """Write a file of one small layer in the package's format; returns the tensors that went in."""
    random = np.random.default_rng(1)
    sizes = {"emb.word": len(VOCABULARY) * HIDDEN, "emb.pos": 140 * HIDDEN, "emb.type": 2 * HIDDEN}
    sizes |= {f"emb.ln.{kind}": HIDDEN for kind in "wb"}
    for part, size in {"q": HIDDEN, "k": HIDDEN, "v": HIDDEN, "ao": HIDDEN, "fi": 64, "fo": HIDDEN}.items():
        sizes |= {f"l0.{part}.w": HIDDEN * (64 if part in ("fi", "fo") else HIDDEN), f"l0.{part}.b": size}
    sizes |= {f"l0.{part}.{kind}": HIDDEN for part in ("aln", "oln") for kind in "wb"}
    tensors = {name: random.normal(0, 0.1, size).astype(np.float32) for name, size in sizes.items()}
    letters = [piece.encode() for piece in VOCABULARY]
    ends = np.cumsum([0, *map(len, letters)]).astype("<u4")
    head = b"E5S1" + struct.pack("<I7i", 1, HIDDEN, 1, 2, 64, len(VOCABULARY), 140, 2) + struct.pack("<fi", 1e-12, 32)
    head += struct.pack("<5iQ", len(VOCABULARY), 0, 2, 1, 3, int(ends[-1])) + ends.tobytes()
    head += np.linspace(-3, -9, len(VOCABULARY)).astype("<f4").tobytes() + b"".join(letters)
    head += struct.pack("<iI", 0, 0) + struct.pack("<i", len(tensors))
    stored = {
        name: (1, _block(value)) if len(value) >= 1024 and "pos" not in name else (0, value.tobytes())
        for name, value in tensors.items()
    }
    start = len(head) + sum(2 + len(name) + 1 + 4 + 16 for name in stored)
    directory, data = b"", b""
    for name, (kind, content) in stored.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, len(tensors[name]), start + len(data), len(content))
        data += content
    path.write_bytes(head + directory + data)
    return tensors


def test_a_packed_model_becomes_a_base_that_trains_and_knows_every_letter(tmp_path: Path) -> None:
    tensors = _packed_file(tmp_path / "e5.bin")
    with pytest.raises(DataError, match="not the file"):
        read_packed(tmp_path / "e5.bin")
    packed = read_packed(tmp_path / "e5.bin", check=False)
    assert packed.pieces == VOCABULARY
    assert np.abs(packed.tensors["l0.q.w"] - tensors["l0.q.w"]).max() < 0.05
    base = tmp_path / "base"
    write_base(packed, ["서울 영화 시발", "부산 뷁뷁뷁"] * 9, base, 1)
    network = NetworkConfig(base=str(base), layers=1, ngram_buckets=0, max_length=32)
    config = TrainConfig(network=network, pretrain=PretrainConfig(objective="masked", max_minutes=5, epochs=1))
    tokenizer = load_tokenizer(config, tmp_path, tmp_path, [])
    assert isinstance(tokenizer, Tokenizer)
    for text, piece in (("서울 영화", "▁서울"), ("뷁", "뷁"), ("쀍", "<0xEC>"), ("ㅅㅣ발", "시")):
        encoding = tokenizer.encode(text)
        assert piece in encoding.tokens, encoding.tokens
        assert 1 not in encoding.ids
        assert all(0 <= start <= end <= len(text) for start, end in encoding.offsets)
    encoder = new_encoder(network, tokenizer.get_vocab_size())
    row = encoder.embeddings.word_embeddings.weight[tokenizer.token_to_id("▁서울")]
    table = packed.tensors["emb.word"].reshape(-1, HIDDEN)
    assert np.allclose(row.detach().numpy(), table[VOCABULARY.index("▁서울")])
    assert pretrain(config, tokenizer, TEXTS, tmp_path)


def test_a_packed_tensor_of_unknown_storage_is_refused() -> None:
    with pytest.raises(DataError, match="unknown kind 9"):
        unpack(b"", 9, 0)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ('{"model_type": "gpt2"}', "must be a bert or electra"),
        ("", "no checkpoint folder"),
        (None, "no checkpoint folder"),
    ],
)
def test_a_base_that_cannot_serve_is_refused_by_name(tmp_path: Path, config: str | None, told: str) -> None:
    base = tmp_path / "other"
    base.mkdir()
    if config is not None:
        (base / "config.json").write_text(config, encoding="utf-8")
    with pytest.raises(DataError, match=told) as caught:
        new_encoder(NetworkConfig(base=str(base)), 10)
    assert str(base) in str(caught.value)
