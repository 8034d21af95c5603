"""The decision: pure, order-free, monotone, and mild on words that are only talked about where a guild wants it so."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.policy import ChannelRule, LabelAction, Policy, decide
from masker import Span
from masker.labels import LABELS, Label
from masker.presets import Preset
from masker.verdict import Finding, Verdict

ACTIONS = list(LabelAction)
actions = st.sampled_from(ACTIONS)
spans = st.tuples(st.integers(0, 50), st.integers(1, 9)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))
findings = st.builds(
    Finding,
    span=spans,
    label=st.sampled_from(LABELS),
    score=st.sampled_from([0.5, 0.8, 0.95, 0.99]),
    detector=st.just("lexicon"),
    mention=st.booleans(),
)
policies = st.builds(Policy, actions=st.dictionaries(st.sampled_from(LABELS), actions), mentions=actions)


def strength(action: LabelAction) -> int:
    return ACTIONS.index(action)


@given(st.lists(findings, max_size=8), policies, st.randoms(use_true_random=False))
def test_the_order_of_the_findings_does_not_matter(found: list[Finding], policy: Policy, order: random.Random) -> None:
    shuffled = list(found)
    order.shuffle(shuffled)
    one, other = (decide(Verdict(findings=tuple(given)), policy) for given in (found, shuffled))
    assert (one.action, one.spans) == (other.action, other.spans)


@given(st.lists(findings, max_size=8), findings, policies)
def test_one_more_finding_never_makes_it_milder(found: list[Finding], more: Finding, policy: Policy) -> None:
    less, all_of_it = decide(Verdict(findings=tuple(found)), policy), decide(Verdict(findings=(*found, more)), policy)
    assert strength(all_of_it.action) >= strength(less.action)
    if all_of_it.action is less.action is LabelAction.MASK:
        assert all(
            any(one.start <= span.start and span.end <= one.end for one in all_of_it.spans) for span in less.spans
        )


@given(st.lists(findings, max_size=8), policies)
def test_a_mention_is_never_treated_worse_than_the_word_in_use(found: list[Finding], policy: Policy) -> None:
    used = [replace(finding, mention=False) for finding in found]
    mentioned, in_use = decide(Verdict(findings=tuple(found)), policy), decide(Verdict(findings=tuple(used)), policy)
    assert strength(mentioned.action) <= strength(in_use.action)


thresholds = st.dictionaries(st.sampled_from(LABELS), st.sampled_from([0.3, 0.6, 0.9]), max_size=3)
rules = st.builds(
    ChannelRule,
    preset=st.sampled_from(Preset) | st.none(),
    thresholds=thresholds,
    actions=st.dictionaries(st.sampled_from(LABELS), actions, max_size=3),
    mentions=actions | st.none(),
    observe=st.booleans() | st.none(),
    operator=st.sampled_from(["star", "label"]) | st.none(),
)
placed = st.builds(Policy, thresholds=thresholds, channels=st.dictionaries(st.integers(1, 4), rules, max_size=4))
paths = st.lists(st.integers(1, 6), max_size=4)


@given(placed, paths, paths)
def test_rules_are_laid_over_one_after_another(policy: Policy, above: list[int], below: list[int]) -> None:
    assert policy.at() == policy
    assert policy.at(*above, *below) == policy.at(*above).at(*below)
    assert policy.at(*above, *above) == policy.at(*above)
    assert policy.at(*(place for place in above if place in policy.channels)) == policy.at(*above)


@given(placed, paths, st.sampled_from([1, 2, 3, 4]))
def test_the_last_rule_wins_and_says_nothing_of_the_rest(policy: Policy, above: list[int], place: int) -> None:
    rule, over, laid = policy.channels.get(place, ChannelRule()), policy.at(*above), policy.at(*above, place)
    assert laid.preset is (rule.preset or over.preset)
    assert laid.observe is (over.observe if rule.observe is None else rule.observe)
    for label in LABELS:
        assert laid.action_for(label) is rule.actions.get(label, over.action_for(label))
        assert laid.thresholds.get(label) == rule.thresholds.get(label, over.thresholds.get(label))
    assert (laid.notice, laid.channels, laid.escalation) == (policy.notice, policy.channels, policy.escalation)


WORD = Finding(Span(0, 2), Label.PROFANITY, 0.95, "lexicon", "sibal")


@pytest.mark.parametrize(
    ("mentions", "label_action", "expected"),
    [
        (LabelAction.MASK, LabelAction.MASK, LabelAction.MASK),
        (LabelAction.IGNORE, LabelAction.MASK, LabelAction.IGNORE),
        (LabelAction.ALERT, LabelAction.DELETE, LabelAction.ALERT),
        (LabelAction.DELETE, LabelAction.ALERT, LabelAction.ALERT),
    ],
)
def test_of_two_actions_on_a_mention_the_milder_one_is_taken(
    mentions: LabelAction, label_action: LabelAction, expected: LabelAction
) -> None:
    policy = Policy(mentions=mentions, actions={Label.PROFANITY: label_action})
    assert decide(Verdict(findings=(replace(WORD, mention=True),)), policy).action is expected
    assert decide(Verdict(findings=(WORD,)), policy).action is label_action
