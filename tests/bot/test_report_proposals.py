"""Thresholds proposed from verdicts: the laws, and what some guild's verdicts lead to."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from bot.records import LabelPrecision
from bot.reports.proposals import VERDICTS, Bucket, Finding, findings, lowest_precise, mark_of

places = st.dictionaries(
    st.integers(0, 49), st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(any), min_size=1, max_size=12
)
buckets_of_some = places.map(lambda found: [(place / 50, *found[place]) for place in sorted(found)])
shares = st.floats(0.5, 0.99)
thresholds = st.integers(1, 50).map(lambda place: place / 50)


def one(buckets: list[Bucket], threshold: float, least_right: float = 0.8) -> Finding:
    (found,) = findings([LabelPrecision("insult", tuple(buckets))], {"insult": threshold}, least_right)
    return found


def better(buckets: list[Bucket], at: int) -> list[Bucket]:
    """Return the buckets with one verdict of one of them right in place of wrong."""
    score, right, wrong = buckets[at]
    return [*buckets[:at], (score, right + 1, wrong - 1), *buckets[at + 1 :]]


def lasting(found: Finding) -> float:
    """Return the threshold that would hold afterwards."""
    return found.proposal.proposed if found.proposal else found.threshold


@given(buckets_of_some, thresholds, shares)
def test_nothing_is_proposed_on_fewer_verdicts_than_stated(
    buckets: list[Bucket], threshold: float, least_right: float
) -> None:
    proposal = one(buckets, threshold, least_right).proposal
    if proposal is not None:
        assert proposal.changed.total >= VERDICTS
    few = [(score, min(right, 1), 0) for score, right, _ in buckets]
    assert one(few, threshold, least_right).proposal is None


@given(buckets_of_some, shares, st.data())
def test_a_right_verdict_in_place_of_a_wrong_one_never_raises_what_is_precise(
    buckets: list[Bucket], least_right: float, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(buckets) - 1))
    if buckets[at][2]:
        assert lowest_precise(better(buckets, at), least_right) <= lowest_precise(buckets, least_right)


@given(buckets_of_some, thresholds, shares, st.data())
def test_a_right_verdict_in_place_of_a_wrong_one_never_raises_a_proposal(
    buckets: list[Bucket], threshold: float, least_right: float, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(buckets) - 1))
    before = one(buckets, threshold, least_right)
    if buckets[at][2] and before.reachable:
        assert lasting(one(better(buckets, at), threshold, least_right)) <= lasting(before)


@given(buckets_of_some, shares, shares)
def test_more_precision_asked_for_never_lowers_it(buckets: list[Bucket], one_share: float, other: float) -> None:
    low, high = sorted((one_share, other))
    assert lowest_precise(buckets, low) <= lowest_precise(buckets, high)


@given(buckets_of_some, thresholds, shares)
def test_what_is_proposed_keeps_the_precision_asked_for_at_every_score(
    buckets: list[Bucket], threshold: float, least_right: float
) -> None:
    proposal = one(buckets, threshold, least_right).proposal
    if proposal is None:
        return
    assert proposal.then.precision is not None
    assert proposal.then.precision >= least_right - 1e-6
    # The lowest scores that stay flagged are precise by themselves, whatever the higher ones make up for.
    kept = [bucket for bucket in buckets if bucket[0] >= proposal.proposed - 0.011]
    for count in range(1, len(kept) + 1):
        right, wrong = (sum(bucket[place] for bucket in kept[:count]) for place in (1, 2))
        assert right / (right + wrong) >= least_right - 1e-6


@given(buckets_of_some, thresholds, shares)
def test_the_effect_adds_up(buckets: list[Bucket], threshold: float, least_right: float) -> None:
    proposal = one(buckets, threshold, least_right).proposal
    if proposal is None:
        return
    raised = proposal.proposed > proposal.threshold
    fewer, more = (proposal.then, proposal.now) if raised else (proposal.now, proposal.then)
    assert (more.right - fewer.right, more.wrong - fewer.wrong) == (proposal.changed.right, proposal.changed.wrong)


def test_a_label_that_is_wrong_at_low_scores_is_to_be_flagged_from_higher_ones_on() -> None:
    found = one([(0.80, 2, 20), (0.90, 60, 2), (0.96, 300, 1)], 0.80)
    assert found.proposal is not None
    assert found.proposal.proposed == 0.90
    assert (found.proposal.changed.right, found.proposal.changed.wrong) == (2, 20)


def test_a_label_that_was_right_below_its_threshold_may_be_flagged_from_lower_ones_on() -> None:
    found = one([(0.70, 28, 2), (0.90, 60, 2)], 0.90)
    assert found.proposal is not None
    assert found.proposal.proposed == 0.70
    assert found.proposal.changed.total == 30


def test_many_good_high_scores_do_not_hide_bad_low_ones() -> None:
    found = one([(0.60, 0, 40), (0.90, 5_000, 0)], 0.60)
    assert found.proposal is not None
    assert found.proposal.proposed == 0.90


def test_a_threshold_inside_a_bucket_counts_what_it_flagged() -> None:
    found = one([(0.84, 1, 30), (0.90, 60, 2)], 0.85)
    assert found.now.total == 93
    assert found.proposal is not None
    assert found.proposal.changed.total == 31


def test_nothing_is_proposed_for_a_label_that_is_never_right_often_enough() -> None:
    found = one([(0.80, 10, 30), (0.90, 10, 30)], 0.80)
    assert (found.proposal, found.reachable) == (None, False)
    assert math.isinf(lowest_precise([(0.80, 10, 30)], 0.8))


def test_nothing_is_proposed_where_all_is_well_or_a_label_has_no_threshold() -> None:
    assert one([(0.80, 50, 1)], 0.80).proposal is None
    assert findings([LabelPrecision("nothing", ((0.8, 1, 1),))], {"insult": 0.8}) == []


def test_a_mark_tells_proposals_apart() -> None:
    first, second = one([(0.80, 2, 20), (0.90, 60, 2)], 0.80), one([(0.80, 2, 21), (0.90, 60, 2)], 0.80)
    assert first.proposal is not None
    assert second.proposal is not None
    assert mark_of([first.proposal]) == mark_of([first.proposal]) != mark_of([second.proposal])
