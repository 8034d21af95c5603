"""Make a base to train from: multilingual-e5-small cut down to Korean and English, as a Hugging Face folder.

Wang et al. 2024 (arXiv:2402.05672), MIT licence. Its vocabulary names 250,000 pieces of 100 languages. Kept are those
that our sources use; added are the syllables and letters that it lacks and that comments use; whatever is still missing
is spelt in bytes, so that nothing is unknown. Full and compatibility forms fall together (NFKC), which also puts
syllables that were taken apart back together.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from masker.training.q4 import Array, Packed
from masker.training.tokenizer import CONJOINING_JAMO, END, INVISIBLE, SPECIAL_TOKENS, START, UNKNOWN

E5_SPECIAL = ("<pad>", "<unk>", "<s>", "</s>")
"""What SPECIAL_TOKENS are called in e5, in their order; [MASK] is its last row."""
MIN_KOREAN_USES, MIN_OTHER_USES = 2, 40
MIN_NEW_SYLLABLE_USES, MIN_NEW_LETTER_USES = 3, 8
NEW_SCORE_GAP, BYTE_SCORE_GAP = 1.0, 5.0
"""How far the log-probabilities of added letters and of bytes lie under the vocabulary's least."""
POSITIONS = 130
SYLLABLES = range(0xAC00, 0xD7A4)
SYLLABLES_PER_INITIAL, SYLLABLES_PER_MEDIAL = 588, 28
CHUNK_TEXTS = 20_000

Pieces = list[tuple[str, float]]

LAYER_TENSORS = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}
"""BERT's names of a layer's parts, and the packed file's."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Hold the kept pieces with their rows in e5's vocabulary, and the pieces that are new."""

    kept: Pieces
    rows: list[int]
    added: Pieces

    @property
    def pieces(self) -> Pieces:
        """Return every piece by its id."""
        return [*((token, 0.0) for token in SPECIAL_TOKENS), *self.kept, *self.added]


def unigram_tokenizer(pieces: Pieces, *, bytes_for_unknown: bool) -> Tokenizer:
    """Return a tokeniser over these pieces that adds [CLS] and [SEP]."""
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=SPECIAL_TOKENS.index(UNKNOWN), byte_fallback=bytes_for_unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\t\n\r\v\f]"), " "),
            normalizers.Replace(INVISIBLE, ""),
            normalizers.NFKC(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.add_special_tokens(list(SPECIAL_TOKENS))
    ends = [(token, SPECIAL_TOKENS.index(token)) for token in (START, END)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{START} $A {END}", special_tokens=ends)
    return tokenizer


def choose_vocabulary(packed: Packed, texts: Sequence[str]) -> Vocabulary:
    """Choose the pieces that `texts` need."""
    known = [
        (piece, float(score), row)
        for row, (piece, score) in enumerate(zip(packed.pieces, packed.scores, strict=True))
        if row >= len(E5_SPECIAL) and piece != "<mask>"
    ]
    first = len(SPECIAL_TOKENS)
    whole = unigram_tokenizer(
        [*((token, 0.0) for token in SPECIAL_TOKENS), *((piece, score) for piece, score, _ in known)],
        bytes_for_unknown=False,
    )
    uses: Counter[int] = Counter()
    letters: Counter[str] = Counter()
    for start in range(0, len(texts), CHUNK_TEXTS):
        part = list(texts[start : start + CHUNK_TEXTS])
        for encoding in whole.encode_batch_fast(part, add_special_tokens=False):
            uses.update(encoding.ids)
        for text in part:
            letters.update(unicodedata.normalize("NFKC", text))
    kept = [each for number, each in enumerate(known, first) if _is_kept(each[0], uses[number])]
    single = {piece for piece, _, _ in known if len(piece) == 1}
    lowest = min(score for _, score, _ in known)
    added = [(letter, lowest - NEW_SCORE_GAP) for letter in _new_letters(letters, single)]
    added += [(f"<0x{byte:02X}>", lowest - BYTE_SCORE_GAP) for byte in range(256)]
    return Vocabulary([(piece, score) for piece, score, _ in kept], [row for _, _, row in kept], added)


def _is_kept(piece: str, uses: int) -> bool:
    korean = any(_is_hangul(letter) for letter in piece)
    if len(piece) == 1 and (korean or piece.isascii()):
        return True
    return uses >= (MIN_KOREAN_USES if korean else MIN_OTHER_USES)


def _is_hangul(letter: str) -> bool:
    return ord(letter) in SYLLABLES or letter in CONJOINING_JAMO


def _new_letters(uses: Counter[str], single: set[str]) -> list[str]:
    def needed(letter: str) -> int:
        return MIN_NEW_SYLLABLE_USES if ord(letter) in SYLLABLES else MIN_NEW_LETTER_USES

    found = [letter for letter, count in uses.most_common() if letter not in single and count >= needed(letter)]
    found = [letter for letter in found if letter.isprintable() and not letter.isspace()]
    return [*found, *(jamo for jamo in CONJOINING_JAMO if jamo not in single and jamo not in found)]


def embeddings_for(vocabulary: Vocabulary, packed: Packed, seed: int) -> Array:
    """Return `[pieces, hidden]`: e5's rows where it has the piece.

    A new syllable starts at the mean of those that share two of its letters, anything else near the mean of all.
    """
    table = packed.tensors["emb.word"].reshape(-1, packed.hidden)
    special = [packed.pieces.index(token) for token in E5_SPECIAL]
    mask = packed.pieces.index("<mask>") if "<mask>" in packed.pieces else len(packed.pieces) - 1
    kept = table[vocabulary.rows]
    syllables = [number for number, (piece, _) in enumerate(vocabulary.kept) if _is_syllable(piece)]
    letters = np.array([_letters_of(vocabulary.kept[number][0]) for number in syllables]).reshape(-1, 3)
    random = np.random.default_rng(seed)
    mean, deviation = kept.mean(axis=0), kept.std()
    new = np.empty((len(vocabulary.added), packed.hidden), dtype=np.float32)
    for number, (piece, _) in enumerate(vocabulary.added):
        new[number] = mean + random.normal(0, deviation / 2, packed.hidden)
        if _is_syllable(piece) and len(letters):
            alike = (letters == np.array(_letters_of(piece))).sum(axis=1) >= 2
            if alike.any():
                new[number] = kept[np.array(syllables)[alike]].mean(axis=0)
    return np.concatenate([table[[*special, mask]], kept, new]).astype(np.float32)


def _is_syllable(piece: str) -> bool:
    return len(piece) == 1 and ord(piece) in SYLLABLES


def _letters_of(syllable: str) -> tuple[int, int, int]:
    code = ord(syllable) - SYLLABLES[0]
    initial, rest = divmod(code, SYLLABLES_PER_INITIAL)
    return (initial, *divmod(rest, SYLLABLES_PER_MEDIAL))


def write_base(packed: Packed, texts: Iterable[str], target: Path, seed: int) -> int:
    """Write the folder `target` (weights, configuration, tokeniser); returns the number of pieces."""
    vocabulary = choose_vocabulary(packed, list(texts))
    pieces = vocabulary.pieces
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=packed.hidden,
        num_hidden_layers=packed.layers,
        num_attention_heads=packed.heads,
        intermediate_size=packed.intermediate,
        max_position_embeddings=POSITIONS,
        type_vocab_size=1,
        layer_norm_eps=packed.layer_norm_epsilon,
        pad_token_id=0,
    )
    model = BertModel(config, add_pooling_layer=False)
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    state = {"embeddings.word_embeddings.weight": embeddings_for(vocabulary, packed, seed)}
    state |= {name: _tensor(packed, name, shape) for name, shape in shapes.items() if name not in state}
    model.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in state.items()})
    target.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(target)
    unigram_tokenizer(pieces, bytes_for_unknown=True).save(str(target / "tokenizer.json"))
    return len(pieces)


def _tensor(packed: Packed, name: str, shape: tuple[int, ...]) -> Array:
    """Return the packed tensor behind one of BERT's names; positions and types are cut to `shape`."""
    part, kind = name.rsplit(".", 1)
    suffix = kind[0]
    if part == "embeddings.LayerNorm":
        return packed.tensors[f"emb.ln.{suffix}"]
    if part in ("embeddings.position_embeddings", "embeddings.token_type_embeddings"):
        short = "pos" if "position" in part else "type"
        return packed.tensors[f"emb.{short}"].reshape(-1, packed.hidden)[: shape[0]]
    _, _, number, rest = part.split(".", 3)
    return packed.tensors[f"l{number}.{LAYER_TENSORS[rest]}.{suffix}"].reshape(shape)
