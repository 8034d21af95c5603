"""What of a transformers-flavour folder may be read: checked before torch or transformers are imported.

Only the MLmodel file, JSON, vocabularies and safetensors are read. Weights as pickles, code of the artifact's own,
remote code and other architectures are refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from masker.errors import ModelRefused
from masker.model.transformers_flavor.meaning import METADATA_KEY

ARCHITECTURES: Mapping[str, str] = {
    "BertForSequenceClassification": "bert",
    "ElectraForSequenceClassification": "electra",
}
"""The classes whose code we let transformers choose, each with its `model_type`."""
TOKENIZERS = re.compile(r"(Bert|Electra|Distil[Bb]ert)Tokenizer(Fast)?|PreTrainedTokenizer(Fast)?|TokenizersBackend")
FOLDER_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_JSON_BYTES = 1 << 25
"""32 MiB: a tokenizer.json of 120,000 entries has 3.5 MB."""
MAX_WEIGHTS_BYTES = 1 << 31
"""2 GiB: a 24-layer, 1,024-wide encoder in float32 has 1.4 GB."""
MAX_LABELS = 200
PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".h5", ".msgpack"})
FUNCTIONS = frozenset({"sigmoid", "softmax"})


@dataclass(frozen=True, slots=True)
class Artifact:
    """Describe a checked folder: where weights and tokeniser lie, its labels in output order, what it was made with.

    `function` turns logits into scores; `given` is the mapping of labels in the artifact's metadata.
    """

    address: str
    weights: Path
    tokenizer: Path
    name: str
    version: str
    labels: tuple[str, ...]
    function: str
    max_length: int
    given: Mapping[str, str]
    made_with: Mapping[str, str]


def read_artifact(folder: Path, content: Mapping[str, Any], address: str) -> Artifact:
    """Check a folder with the MLmodel `content`. Raises ModelRefused naming file and remedy; executes nothing."""
    flavor = content["flavors"]["transformers"]
    if not isinstance(flavor, dict):
        raise ModelRefused(f"{folder / 'MLmodel'}: its transformers flavour is no mapping; log the model again")
    if flavor.get("code"):
        raise ModelRefused(f"{address}: the artifact brings code of its own, which is never run")
    weights = _folder(folder, flavor.get("model_binary") or "model", address)
    tokenizer = folder / "components" / "tokenizer"
    tokenizer = _plain(folder, tokenizer, address) if tokenizer.exists() else weights
    config = _json(weights / "config.json")
    _check_config(weights / "config.json", config)
    _check_weights(weights)
    settings = _check_tokenizer(tokenizer)
    labels = _labels(weights / "config.json", config)
    metadata = content.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return Artifact(
        address=address,
        weights=weights,
        tokenizer=tokenizer,
        name=_name(metadata.get("garim_name") or flavor.get("source_model_name") or config["architectures"][0]),
        version=_name(metadata.get("garim_version") or content.get("model_uuid") or "unknown")[:8],
        labels=labels,
        function=_function(content, config, len(labels)),
        max_length=_max_length(config, settings),
        given=_given(metadata.get(METADATA_KEY), address),
        made_with=_made_with(folder, content, flavor),
    )


def _folder(folder: Path, name: Any, address: str) -> Path:
    if not isinstance(name, str) or not FOLDER_NAME.fullmatch(name):
        raise ModelRefused(f"{address}: model_binary must name a folder beside MLmodel")
    if not (folder / name).is_dir():
        raise ModelRefused(
            f"{address}: its weights are not in it, only a reference to a hub; log it with save_pretrained=True"
        )
    return _plain(folder, folder / name, address)


def _plain(folder: Path, part: Path, address: str) -> Path:
    """Return the folder when it and all in it are plain and within the artifact."""
    if part.resolve() != folder.resolve() / part.relative_to(folder) or any(
        path.is_symlink() for path in part.iterdir()
    ):
        raise ModelRefused(f"{address}: {part.name} holds or is a link; copy the model folder again, without links")
    return part


def _json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise ModelRefused(f"{path} is missing; copy the model folder again")
    if path.stat().st_size > MAX_JSON_BYTES:
        raise ModelRefused(f"{path} is over {MAX_JSON_BYTES} bytes, more than any such file")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        raise ModelRefused(f"{path} is not readable JSON; copy the model folder again") from None
    if not isinstance(content, dict):
        raise ModelRefused(f"{path} is no JSON object; log the model again")
    return content


def _check_config(path: Path, config: Mapping[str, Any]) -> None:
    architectures = config.get("architectures")
    named = architectures[0] if isinstance(architectures, list) and len(architectures) == 1 else None
    expected = ARCHITECTURES.get(named) if isinstance(named, str) else None
    if expected is None or config.get("model_type") != expected:
        raise ModelRefused(f"{path}: {named!r} is not among {', '.join(ARCHITECTURES)}, which are what loads here")
    for key in ("auto_map", "quantization_config"):
        if key in config:
            raise ModelRefused(f"{path}: {key} asks for code from elsewhere, which is never run; save it without")


def _check_weights(weights: Path) -> None:
    files = [path for path in weights.iterdir() if path.is_file()]
    safe = [path for path in files if path.suffix == ".safetensors"]
    if not safe:
        pickled = sorted(path.name for path in files if path.suffix in PICKLES)
        has = f"its weights are {', '.join(pickled)}: a pickle, which can run code" if pickled else "it has no weights"
        raise ModelRefused(
            f"{weights}: {has}, and only safetensors are read; save the model again with a transformers of 4.35 or "
            "later (safe_serialization=True) and log that"
        )
    if sum(path.stat().st_size for path in safe) > MAX_WEIGHTS_BYTES:
        raise ModelRefused(f"{weights}: its weights are over {MAX_WEIGHTS_BYTES} bytes, too large for a bot's memory")


def _check_tokenizer(folder: Path) -> dict[str, Any]:
    path = folder / "tokenizer_config.json"
    config = _json(path)
    kind = config.get("tokenizer_class")
    if "auto_map" in config:
        raise ModelRefused(f"{path}: auto_map asks for code from elsewhere, which is never run; save it without")
    if kind is not None and not (isinstance(kind, str) and TOKENIZERS.fullmatch(kind)):
        raise ModelRefused(f"{path}: tokenizer_class {kind!r} is none that goes with BERT or ELECTRA here")
    for other in folder.iterdir():
        if other.suffix in (".json", ".txt") and other.stat().st_size > MAX_JSON_BYTES:
            raise ModelRefused(f"{other} is over {MAX_JSON_BYTES} bytes, more than any such file")
    return config


def _labels(path: Path, config: Mapping[str, Any]) -> tuple[str, ...]:
    named = config.get("id2label")
    if named is None:
        count = config.get("num_labels", 2)
        named = {str(index): f"LABEL_{index}" for index in range(count if isinstance(count, int) else 0)}
    if not isinstance(named, dict) or not 1 <= len(named) <= MAX_LABELS:
        raise ModelRefused(f"{path}: id2label must name 1 to {MAX_LABELS} labels")
    labels = [named.get(str(index)) for index in range(len(named))]
    if not all(isinstance(label, str) and 0 < len(label) <= 100 for label in labels):
        raise ModelRefused(f"{path}: id2label must name the labels 0 to {len(named) - 1}, each in 1 to 100 characters")
    return tuple(str(label) for label in labels)


def _function(content: Mapping[str, Any], config: Mapping[str, Any], labels: int) -> str:
    """Return sigmoid or softmax: what the artifact says, else what transformers' own pipeline would choose."""
    pyfunc = content["flavors"].get("python_function")
    settings = pyfunc.get("config") if isinstance(pyfunc, dict) else None
    told = settings.get("function_to_apply") if isinstance(settings, dict) else None
    told = told or config.get("function_to_apply")
    if told in FUNCTIONS:
        return str(told)
    return "sigmoid" if config.get("problem_type") == "multi_label_classification" or labels == 1 else "softmax"


def _max_length(config: Mapping[str, Any], tokenizer: Mapping[str, Any]) -> int:
    limits = [512, config.get("max_position_embeddings"), tokenizer.get("model_max_length")]
    return max(8, min(int(limit) for limit in limits if isinstance(limit, int | float) and limit > 0))


def _given(mapping: Any, address: str) -> dict[str, str]:
    if mapping is None:
        return {}
    if not isinstance(mapping, dict) or len(mapping) > MAX_LABELS:
        raise ModelRefused(f"{address}: metadata {METADATA_KEY} must be a mapping from its labels to ours")
    return {str(name): str(value) for name, value in mapping.items()}


def _made_with(folder: Path, content: Mapping[str, Any], flavor: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions on record; that of tokenizers stands, if at all, among the pinned requirements."""
    made = {
        "transformers": flavor.get("transformers_version"),
        "mlflow": content.get("mlflow_version"),
        "tokenizers": None,
    }
    path = folder / "requirements.txt"
    if path.is_file() and path.stat().st_size <= MAX_JSON_BYTES:
        pinned = re.search(r"^tokenizers==(\S+)", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
        made["tokenizers"] = pinned.group(1) if pinned else None
    return {library: _name(version) if version else "unknown" for library, version in made.items()}


def _name(value: Any) -> str:
    return re.sub(r"[^\w.+/@-]", "_", str(value))[:64]
