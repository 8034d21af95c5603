"""What an encoder learns from unlabelled text: two objectives of one shape.

An objective maps ids, mask and the id of [MASK] to a loss and the figures worth logging; its `encoder` is what is kept.
"""

from __future__ import annotations

from collections.abc import Collection

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import ElectraModel

from masker.training.config import TrainConfig
from masker.training.encoder import Encoder, encoder_config, new_encoder
from masker.training.sources import DataError

KEPT_SHARE = 0.1
"""Of the tokens to fill in, this share stays as written, so that the encoder also reads text without gaps."""

Result = tuple[Tensor, dict[str, Tensor]]


class Objective(nn.Module):
    """Hold the encoder, and know which tokens may be masked."""

    def __init__(self, encoder: Encoder, special: Collection[int], masked_share: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.special = torch.tensor(sorted(special))
        self.masked_share = masked_share

    def choose(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return which tokens are text, and which of those are to be masked."""
        written = mask.bool() & ~torch.isin(ids, self.special)
        return written, written & (torch.rand(ids.shape) < self.masked_share)


class VocabularyHead(nn.Module):
    """Score every token of the vocabulary by its embedding, which stays the encoder's."""

    def __init__(self, width: int, embeddings: nn.Embedding) -> None:
        super().__init__()
        size, embedding = embeddings.weight.shape
        self.transform = nn.Sequential(nn.Linear(width, embedding), nn.GELU(), nn.LayerNorm(embedding))
        self.bias = nn.Parameter(torch.zeros(size))

    def forward(self, hidden: Tensor, embeddings: Tensor) -> Tensor:
        """Return logits `[tokens, vocabulary]`."""
        return torch.as_tensor((self.transform(hidden) @ embeddings.T).float() + self.bias)


class MaskedTokens(Objective):
    """Fill in masked tokens (Devlin et al. 2019, arXiv:1810.04805)."""

    def __init__(self, encoder: Encoder, special: Collection[int], masked_share: float) -> None:
        super().__init__(encoder, special, masked_share)
        self.head = VocabularyHead(encoder.config.hidden_size, encoder.embeddings.word_embeddings)

    def forward(self, ids: Tensor, mask: Tensor, mask_id: int) -> Result:
        """Return the loss of one batch, and it again as `masked`."""
        _, chosen = self.choose(ids, mask)
        hidden_from_it = chosen & (torch.rand(ids.shape) >= KEPT_SHARE)
        states = self.encoder(input_ids=ids.masked_fill(hidden_from_it, mask_id), attention_mask=mask)
        logits = self.head(states.last_hidden_state[chosen], self.encoder.embeddings.word_embeddings.weight)
        loss = functional.cross_entropy(logits, ids[chosen])
        return loss, {"masked": loss.detach()}


class ReplacedTokens(Objective):
    """Detect the tokens that a small generator put in place of the writer's (Clark et al. 2020, arXiv:2003.10555).

    Generator and encoder share their token embeddings.
    """

    def __init__(self, encoder: ElectraModel, special: Collection[int], config: TrainConfig) -> None:
        super().__init__(encoder, special, config.pretrain.masked_share)
        embeddings = encoder.embeddings.word_embeddings
        settings = encoder_config(
            config.network, embeddings.num_embeddings, width_share=config.pretrain.generator_share
        )
        settings.embedding_size = embeddings.embedding_dim
        self.generator = ElectraModel(settings)
        self.generator.embeddings.word_embeddings = embeddings
        self.head = VocabularyHead(settings.hidden_size, embeddings)
        width = encoder.config.hidden_size
        self.detector = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, 1))
        self.weight = config.pretrain.detection_weight

    def forward(self, ids: Tensor, mask: Tensor, mask_id: int) -> Result:
        """Return the loss of one batch, with `generator` and `detection`, its two parts."""
        written, chosen = self.choose(ids, mask)
        states = self.generator(input_ids=ids.masked_fill(chosen, mask_id), attention_mask=mask).last_hidden_state
        logits = self.head(states[chosen], self.encoder.embeddings.word_embeddings.weight)
        generator = functional.cross_entropy(logits, ids[chosen])
        with torch.no_grad():
            noise = -torch.log(-torch.log(torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)))
            sampled = (logits + noise).argmax(dim=-1)
        replaced = ids.clone()
        replaced[chosen] = sampled
        verdicts = self.detector(self.encoder(input_ids=replaced, attention_mask=mask).last_hidden_state)
        detection = functional.binary_cross_entropy_with_logits(
            verdicts.squeeze(-1)[written].float(), (replaced != ids)[written].float()
        )
        return generator + self.weight * detection, {"generator": generator.detach(), "detection": detection.detach()}


def new_objective(
    config: TrainConfig, vocabulary_size: int, special: Collection[int], embeddings: Tensor | None
) -> Objective:
    """Return the configured objective around a new (or the base's) encoder. Raises DataError.

    Without dropout: text that is read once or twice is not learnt by heart, and drawing the masks costs a seventh of
    the time.
    """
    dry = config.network.model_copy(update={"dropout": 0.0})
    encoder = new_encoder(dry, vocabulary_size, embeddings)
    if config.pretrain.objective == "masked":
        return MaskedTokens(encoder, special, config.pretrain.masked_share)
    if not isinstance(encoder, ElectraModel):
        raise DataError('pretrain.objective = "replaced" needs network.kind = "electra": BERT learns "masked"')
    return ReplacedTokens(encoder, special, config.model_copy(update={"network": dry}))
