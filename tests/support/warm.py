"""What the fork server loads once for all bots of the tests: morphology takes seconds, too long to pay per death."""

from __future__ import annotations

from masker.detectors.lexicon.morphology import shared_morphology

shared_morphology().warm()
