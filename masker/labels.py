"""The labels: what kind of offence a finding is, and nothing else."""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    """Name one category of offence; the values are the words used in every interface."""

    PROFANITY = "profanity"
    INSULT = "insult"
    SEXUAL = "sexual"
    THREAT = "threat"
    GENDER = "gender"
    SEXUALITY = "sexuality"
    RACE = "race"
    ORIGIN = "origin"
    AGE = "age"
    RELIGION = "religion"
    POLITICS = "politics"
    PHYSICAL = "physical"
    DISABILITY = "disability"


LABELS: tuple[Label, ...] = tuple(Label)
"""Every label in its fixed order: the order of a model's output columns."""
