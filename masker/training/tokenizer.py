"""The tokeniser: byte-pair merges over jamo, so that no spelling of a Korean word is unknown.

Text is taken apart into conjoining jamo (NFKD) before merging. A syllable nobody wrote before, a word split into
compatibility jamo and its NFD form all become sequences of the same few letters, and full-width Latin becomes Latin.
Offsets still point into the original text: the library keeps the alignment through every normalising step.
"""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

PAD, UNKNOWN, START, END, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIAL_TOKENS = (PAD, UNKNOWN, START, END, MASK)

CONJOINING_JAMO = [chr(code) for code in range(0x1100, 0x1113)]
CONJOINING_JAMO += [chr(code) for code in range(0x1161, 0x1176)]
CONJOINING_JAMO += [chr(code) for code in range(0x11A8, 0x11C3)]
"""Initial, medial and final letters of modern Hangul (Unicode chapter 18.6): always in the vocabulary."""

INVISIBLE = Regex(r"\p{Cf}|[\x00-\x08\x0E-\x1F\x7F-\x9F]|[\u115F\u1160\u3164\uFFA0\uFE00-\uFE0F]")
"""Format and control characters, Hangul fillers and variation selectors carry no reading."""

MAX_ALPHABET = 1_500
"""Single characters beyond the jamo that are kept, most frequent first; rarer ones (emoji, Han) become unknown."""


def untrained_tokenizer() -> Tokenizer:
    """Return the tokeniser's fixed parts, without vocabulary."""
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN, fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\t\n\r\v\f]"), " "),
            normalizers.Replace(INVISIBLE, ""),
            normalizers.NFKD(),
            normalizers.StripAccents(),
            normalizers.Lowercase(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True),
            pre_tokenizers.Punctuation(behavior="isolated"),
            pre_tokenizers.Digits(individual_digits=True),
        ]
    )
    return tokenizer


def train_tokenizer(texts: Iterable[str], vocabulary_size: int) -> Tokenizer:
    """Learn the merges from `texts`; the result adds [CLS] and [SEP] and is deterministic for equal input."""
    tokenizer = untrained_tokenizer()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        min_frequency=2,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=CONJOINING_JAMO,
        limit_alphabet=MAX_ALPHABET,
        max_token_length=24,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        special_tokens=[(START, tokenizer.token_to_id(START)), (END, tokenizer.token_to_id(END))],
    )
    return tokenizer


def special_ids(tokenizer: Tokenizer) -> frozenset[int]:
    """Return the ids that stand for no text."""
    ids = (tokenizer.token_to_id(token) for token in SPECIAL_TOKENS)
    return frozenset(each for each in ids if each is not None)
