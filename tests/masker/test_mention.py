"""Words that are talked about: found all the same, and reported as mentions."""

from __future__ import annotations

import pytest

from masker import Masker

MASKER = Masker()

MENTIONED = [
    ("'시발'이라는 말은 쓰지 맙시다", "quoted, then named a word"),
    ("시발이라는 말은 쓰지 맙시다", "named a word"),
    ('"병신" 같은 욕은 하지 마', "an example of a curse"),
    ("시발이 무슨 뜻이야?", "its meaning is asked"),
    ("지랄의 어원을 아세요", "its origin is asked"),
    ("시발은 욕이다", "said to be a curse"),
    ("개새끼라고 하지 마세요", "forbidden to say"),
    ("「병신」은 금지어입니다", "forbidden word"),
    ("**시발**이라는 단어", "marks around it"),
    ("채팅에 '시발' 입력하면 정지", "quoted by itself"),
]
USED = [
    ("시발 진짜 짜증나네", "used"),
    ("이 병신아 정신 차려", "an address"),
    ("시발이 아니라 진짜", "no talk of the word"),
    ("개새끼가 말은 많네", "the word 말 stands elsewhere"),
    ("'야 이 시발 놈아' 하고 소리쳤다", "a quoted sentence uses it"),
]


@pytest.mark.parametrize(("text", "reason"), MENTIONED)
def test_a_word_that_is_talked_about_is_found_as_a_mention(text: str, reason: str) -> None:
    findings = MASKER.inspect(text).findings
    assert findings, reason
    assert all(finding.mention for finding in findings), reason


@pytest.mark.parametrize(("text", "reason"), USED)
def test_a_word_that_is_used_is_no_mention(text: str, reason: str) -> None:
    findings = MASKER.inspect(text).findings
    assert findings, reason
    assert not any(finding.mention for finding in findings), reason
