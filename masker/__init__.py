"""Find hate speech and profanity in Korean and mixed English, and mask it in place. Knows nothing of Discord.

>>> from masker import Masker
>>> Masker().mask("시발 진짜 짜증나네").text
'●● 진짜 짜증나네'
"""

from masker.labels import LABELS, Label
from masker.masking import OPERATORS, MaskedText, mask
from masker.pipeline import Masker
from masker.presets import Preset, Thresholds, thresholds_for
from masker.verdict import Finding, Rejection, Span, Verdict, merge_spans

__all__ = [
    "LABELS",
    "OPERATORS",
    "Finding",
    "Label",
    "MaskedText",
    "Masker",
    "Preset",
    "Rejection",
    "Span",
    "Thresholds",
    "Verdict",
    "mask",
    "merge_spans",
    "thresholds_for",
]
