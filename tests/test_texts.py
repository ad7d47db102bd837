"""Whether a text says anything, and whether it can be kept."""

import pytest

from improvement.texts import can_be_kept, said, says

NOTHING = ["", " ", "\n\t", "\u200b", "\u00a0\u2009", "\u200b \u2060", "\u00ad", "\ufeff", "\u2800", "\u3164", "\u0301"]


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_what_cannot_be_seen_says_nothing(text: str) -> None:
    assert not says(text)
    assert said(text) == ""


@pytest.mark.parametrize("text", ["x", ".", "£", "é", "e\u0301", "😀", "\u200bx", "ÿ", "-"], ids=ascii)
def test_what_can_be_seen_says_something(text: str) -> None:
    assert says(text)
    assert said(f" {text}\n") == text


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x7f", "\ud800", "\u202a", "\u202e", "\u2066", "\u2069"], ids=ascii)
def test_control_characters_and_marks_that_turn_text_round_are_not_kept(sign: str) -> None:
    assert not can_be_kept(f"Brent {sign} Council")


@pytest.mark.parametrize("text", ["", "Two\r\n\tlines", "café", "עברית", "\u200eLtd", "👩‍🦽"], ids=ascii)
def test_every_other_sign_is(text: str) -> None:
    assert can_be_kept(text)
