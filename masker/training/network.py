"""The network: an encoder with a sentence head and a token head, and a wide path of hashed token n-grams.

The wide path is a linear model inside the graph: it learns rare words from few rows, where an encoder trained from
scratch is weak; the encoder adds what stands around them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from masker.labels import LABELS
from masker.training.config import NetworkConfig
from masker.training.encoder import new_encoder

SENTENCE_OUTPUTS = 1 + len(LABELS)
"""Column 0 is "offensive at all"; the labels follow in their fixed order."""
HEAD_DROPOUT = 0.1
NGRAM_PRIMES = (1_000_003, 8_191, 131_071)
"""Multipliers that spread token pairs and triples over the buckets."""


class WidePath(nn.Module):
    """Score tokens and their pairs and triples with one learnt number per output each."""

    def __init__(self, vocabulary_size: int, buckets: int) -> None:
        super().__init__()
        self.buckets = buckets
        self.unigrams = nn.Embedding(vocabulary_size, SENTENCE_OUTPUTS + 1)
        self.ngrams = nn.Embedding(buckets, SENTENCE_OUTPUTS + 1)
        nn.init.zeros_(self.unigrams.weight)
        nn.init.zeros_(self.ngrams.weight)
        self.dropout = nn.Dropout(0.1)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return `[batch, tokens, outputs + 1]`, zero at padding."""
        following = torch.cat([ids[:, 1:], torch.zeros_like(ids[:, :1])], dim=1)
        after = torch.cat([ids[:, 2:], torch.zeros_like(ids[:, :2])], dim=1)
        pairs = torch.remainder(ids * NGRAM_PRIMES[0] + following * NGRAM_PRIMES[1], self.buckets)
        triples = torch.remainder(
            ids * NGRAM_PRIMES[1] + following * NGRAM_PRIMES[2] + after * NGRAM_PRIMES[0] + 7, self.buckets
        )
        votes = self.unigrams(ids) + self.ngrams(pairs) + self.ngrams(triples)
        return torch.as_tensor(self.dropout(votes) * mask.unsqueeze(-1))


class Network(nn.Module):
    """Map token ids to sentence logits `[batch, 1 + labels]` and token logits `[batch, tokens]`."""

    def __init__(self, config: NetworkConfig, vocabulary_size: int, bars: Sequence[str] = ()) -> None:
        super().__init__()
        self.bars = nn.ParameterDict({source: nn.Parameter(torch.zeros(())) for source in bars})
        self.encoder = new_encoder(config, vocabulary_size)
        hidden = self.encoder.config.hidden_size
        self.sentence = nn.Sequential(
            nn.Dropout(HEAD_DROPOUT),
            nn.Linear(3 * hidden, hidden),
            nn.GELU(),
            nn.Dropout(HEAD_DROPOUT),
            nn.Linear(hidden, SENTENCE_OUTPUTS),
        )
        self.token = nn.Sequential(nn.Dropout(HEAD_DROPOUT), nn.Linear(hidden, 1))
        self.wide = WidePath(vocabulary_size, config.ngram_buckets) if config.ngram_buckets else None

    def offsets(self, sources: Sequence[str]) -> Tensor:
        """Return what training adds to each row's offence logit: its source's own bar, 0 where it has none."""
        return torch.stack([self.bars[source] if source in self.bars else torch.zeros(()) for source in sources])

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return `(sentence_logits, token_logits)`; padding's token logits carry no meaning."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.to(hidden.dtype)
        counted = mask.sum(dim=1, keepdim=True)
        mean = (hidden * mask.unsqueeze(-1)).sum(dim=1) / counted
        peak = (hidden - (1.0 - mask.unsqueeze(-1)) * 1e4).amax(dim=1)
        sentence = self.sentence(torch.cat([hidden[:, 0], mean, peak], dim=1)).float()
        token = self.token(hidden).squeeze(-1).float()
        if self.wide is not None:
            votes = self.wide(input_ids, mask.float())
            sentence = sentence + votes[:, :, :SENTENCE_OUTPUTS].sum(dim=1) / counted.float().sqrt()
            token = token + votes[:, :, SENTENCE_OUTPUTS]
        return sentence, token
