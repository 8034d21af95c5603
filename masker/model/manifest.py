"""The manifest `garim.json`: what a model folder of ours holds, and the checks before any of it is used."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from masker.errors import ModelMisfit, ModelNotFound, ModelRefused
from masker.labels import LABELS, Label
from masker.model.calibration import Calibration, Platt

FORMAT_VERSION = 1
MANIFEST_FILE = "garim.json"
TOKENIZER_FILE = "tokenizer.json"
GRAPH_FILE = "model.int8.onnx"
LINEAR_FILE = "linear.npz"

MAX_MANIFEST_BYTES = 1 << 20
MAX_FILE_BYTES = 1 << 29
"""512 MiB: a 12-layer, 768-wide encoder in float32 fits."""

REQUIREMENTS: Mapping[str, str] = {"tokenizers": ">=0.20", "onnxruntime": ">=1.18", "mlflow-skinny": ">=3.1,<4"}
"""What can read the files written today. tokenizers before 0.20 cannot parse the merges of a newer tokenizer.json
("data did not match any variant of untagged enum ModelWrapper"); onnxruntime before 1.18 knows IR version 9 at most;
MLflow 2 does not know every type in a newer MLmodel's signature."""
MADE_WITH = (*REQUIREMENTS, "torch", "transformers")
"""Libraries whose versions a package records."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Curve(_Part):
    """One fitted logistic curve."""

    slope: float = Field(gt=0, allow_inf_nan=False)
    offset: float = Field(allow_inf_nan=False)

    def platt(self) -> Platt:
        """Return it as the function it stands for."""
        return Platt(self.slope, self.offset)


class Curves(_Part):
    """The fitted curves by what they calibrate; a label without one was never supervised."""

    offence: Curve
    labels: dict[Label, Curve]
    token: Curve


class Blend(_Part):
    """How an output's logit is made of the encoder's and the linear model's: `encoder * x + linear * y`.

    One pair an output: offensive at all, then the labels in their order.
    """

    encoder: tuple[float, ...]
    linear: tuple[float, ...]


class Manifest(_Part):
    """Describe a model folder's data: labels by output column, curves, limits, needed libraries, checksums."""

    format: Literal[1]
    name: str = Field(min_length=1, max_length=100)
    version: str = Field(min_length=1, max_length=50)
    labels: tuple[Label, ...]
    max_length: int = Field(ge=8, le=4096)
    calibration: Curves
    blend: Blend | None = None
    thresholds: dict[str, float]
    requires: dict[str, str]
    made_with: dict[str, str]
    files: dict[str, str]

    def curves(self) -> Calibration:
        """Return the calibration as functions."""
        return Calibration(
            self.calibration.offence.platt(),
            {label: curve.platt() for label, curve in self.calibration.labels.items()},
            self.calibration.token.platt(),
        )


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_manifest(folder: Path) -> Manifest:
    """Read and check `garim.json`, the library versions and every listed file's checksum, in that order.

    Raises ModelNotFound when there is none, ModelRefused naming file and remedy when anything does not fit.
    """
    path = folder / MANIFEST_FILE
    if not path.is_file():
        raise ModelNotFound(f"{path} is missing: this is no Garim model folder, or its copy was cut short")
    if path.stat().st_size > MAX_MANIFEST_BYTES:
        raise ModelRefused(f"{path} is over {MAX_MANIFEST_BYTES} bytes: not a Garim manifest")
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise ModelRefused(
            f"{path}: {where}: {first['msg']} (this Garim reads format {FORMAT_VERSION}); package the model again"
        ) from None
    if manifest.labels != LABELS:
        raise ModelRefused(f"{path}: its labels are not this Garim's {len(LABELS)}, in their order; train it again")
    if manifest.blend and {len(manifest.blend.encoder), len(manifest.blend.linear)} != {1 + len(LABELS)}:
        raise ModelRefused(f"{path}: blend: not {1 + len(LABELS)} pairs; package the model again")
    _check_libraries(path, manifest)
    _check_files(folder, manifest)
    return manifest


def _check_libraries(path: Path, manifest: Manifest) -> None:
    for library, needed in manifest.requires.items():
        if library not in REQUIREMENTS:
            raise ModelRefused(f"{path}: asks for {library}{needed}, which no Garim model uses")
        try:
            installed = version(library)
        except PackageNotFoundError:
            installed = "none"
        if installed == "none" or not SpecifierSet(needed).contains(installed, prereleases=True):
            made = manifest.made_with.get(library, "unknown")
            raise ModelMisfit(
                f"{path}: made with {library} {made} and needs {library}{needed}, but {installed} is installed; "
                f"run: pip install '{library}{needed}'"
            )


def _check_files(folder: Path, manifest: Manifest) -> None:
    for name, expected in manifest.files.items():
        path = folder / name
        if Path(name).name != name or path.is_symlink():
            raise ModelRefused(f"{folder / MANIFEST_FILE}: {name!r} is not a plain file beside it")
        if not path.is_file():
            raise ModelRefused(f"{path} is missing; copy the model folder again")
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelRefused(f"{path} is over {MAX_FILE_BYTES} bytes, more than any model of ours")
        if sha256_of(path) != expected:
            raise ModelRefused(f"{path} is damaged: its SHA-256 is not the one in {MANIFEST_FILE}; copy it again")
    for name in (TOKENIZER_FILE, GRAPH_FILE, *((LINEAR_FILE,) if manifest.blend else ())):
        if name not in manifest.files:
            raise ModelRefused(f"{folder / MANIFEST_FILE}: lists no checksum for {name}; package the model again")
