"""The loader that MLflow calls for our model folders, and the model that it then serves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from masker.labels import LABELS
from masker.model.inference import OnnxClassifier, open_folder

THREADS_KEY = "threads"
"""The one entry of MLflow's `model_config` that this loader knows: threads per run of the graph."""


class ServedModel:
    """Answer MLflow's `predict`; `get_raw_model` gives the classifier itself, without data frames."""

    def __init__(self, classifier: OnnxClassifier) -> None:
        self._classifier = classifier

    def get_raw_model(self) -> OnnxClassifier:
        """Return the classifier behind this model."""
        return self._classifier

    def predict(self, model_input: Any, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """Return a row per text: a column per label, and `spans`, a list of `{start, end, score}`.

        `model_input` is a list or array of strings, a series, or a frame whose column `text` (or only column) holds
        them. Raises ValueError for anything else.
        """
        texts = texts_of(model_input)
        rows = []
        for prediction in self._classifier.predict(texts):
            spans = [{"start": token.start, "end": token.end, "score": token.score} for token in prediction.tokens]
            rows.append({**{label.value: prediction.scores[label] for label in LABELS}, "spans": spans})
        return pd.DataFrame(rows, columns=[*(label.value for label in LABELS), "spans"])


def texts_of(model_input: Any) -> list[str]:
    """Return the texts of whatever shape MLflow hands over. Raises ValueError."""
    if isinstance(model_input, pd.DataFrame):
        if "text" in model_input.columns:
            values: list[Any] = model_input["text"].tolist()
        elif model_input.shape[1] == 1:
            values = model_input.iloc[:, 0].tolist()
        else:
            raise ValueError("a frame needs a column `text`, or one column only")
    elif isinstance(model_input, str):
        values = [model_input]
    else:
        values = list(model_input)
    if not all(isinstance(value, str) for value in values):
        raise ValueError("every text must be a string")
    return values


def _load_pyfunc(data_path: str, model_config: Mapping[str, Any] | None = None) -> ServedModel:
    """Open the data folder; the name and signature are MLflow's. Raises ModelNotFound or ModelRefused."""
    threads = int((model_config or {}).get(THREADS_KEY, 1))
    return ServedModel(open_folder(Path(data_path), threads=threads))
