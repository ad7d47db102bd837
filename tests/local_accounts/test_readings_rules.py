"""What a reading must give to say what it says."""

import pytest

from improvement.errors import Refused
from improvement.local_accounts.rules.readings import (
    QUESTIONS,
    THEMES,
    Answer,
    Challenge,
    Covered,
    Kind,
    NotAWhere,
    ReadByTwo,
    ThemeRead,
    WhereWanted,
    check_challenge,
    check_where,
    mistakes_in,
    mistakes_in_answers,
    which_kind,
)


@pytest.mark.parametrize(
    "where", ["4", "4, 7-9", "4,7", "7\u20139", "7 - 7", "1", "9999", "https://www.brent.gov.uk/account#page=4"]
)
def test_pages_and_addresses_say_where(where: str) -> None:
    check_where(Covered.COVERED, where)


@pytest.mark.parametrize(
    "where",
    [
        "0",
        "4-2",
        "4,",
        "page 4",
        "-4",
        "4--5",
        "12345",
        "1-2-3",
        "\u0664",
        "ftp://a.example.org/x",
        "https://ann:secret@www.brent.gov.uk/x",
        "https://ann@www.brent.gov.uk/x",
        "javascript:alert(1)",
        "https://nowhere",
        "x" * 5_000,
        "https://a.example.org/" + "x" * 5_000,
    ],
)
def test_anything_else_does_not(where: str) -> None:
    with pytest.raises(NotAWhere):
        check_where(Covered.COVERED, where)


def test_covered_needs_where_and_the_rest_may_have_it() -> None:
    with pytest.raises(WhereWanted, match="Enter the page"):
        check_where(Covered.COVERED, "")
    for other in (Covered.PARTLY, Covered.NOT_COVERED, Covered.NOT_KNOWN):
        check_where(other, "")
        check_where(other, "4")


def test_every_mistake_is_told_at_its_own_row() -> None:
    rows = [
        ThemeRead(THEMES[0], Covered.COVERED),
        ThemeRead(THEMES[1], Covered.PARTLY, "0"),
        ThemeRead(THEMES[2], Covered.COVERED, "4", "x" * 501),
        ThemeRead(THEMES[3], Covered.COVERED, "4", "x" * 500),
    ]
    assert mistakes_in(rows, THEMES).keys() == {"where-1", "where-2", "quotation-3"}
    assert "Outcomes achieved" in mistakes_in(rows, THEMES)["where-1"]


def test_a_theme_twice_and_a_theme_that_is_none_are_refused() -> None:
    assert "is there twice" in mistakes_in([ThemeRead(THEMES[0]), ThemeRead(THEMES[0])], THEMES)["themes"]
    assert "not a theme" in mistakes_in([ThemeRead("football")], THEMES)["themes"]


def test_answers_are_to_the_years_questions_once_each_and_not_too_long() -> None:
    assert "not a question" in mistakes_in_answers([Answer("Why?", "Because.")], QUESTIONS)["answers"]
    assert "twice" in mistakes_in_answers([Answer(QUESTIONS[0], "a"), Answer(QUESTIONS[0], "b")], QUESTIONS)["answers"]
    assert mistakes_in_answers([Answer(QUESTIONS[1], "x" * 5_000)], QUESTIONS).keys() == {"answer-2"}
    assert mistakes_in_answers([Answer(QUESTIONS[1], "x" * 4_000)], QUESTIONS) == {}


@pytest.mark.parametrize("alone", [Challenge.NONE, Challenge.NOT_KNOWN])
def test_none_and_not_known_exclude_every_challenge(alone: Challenge) -> None:
    check_challenge([alone])
    check_challenge([Challenge.SCRUTINY, Challenge.COMPLAINTS])
    with pytest.raises(Refused, match="by itself"):
        check_challenge([alone, Challenge.SCRUTINY])


def test_two_people_read_and_each_keeps_their_place() -> None:
    assert which_kind(1, {}) is Kind.FIRST
    assert which_kind(1, {1: Kind.FIRST}) is Kind.FIRST
    assert which_kind(2, {1: Kind.FIRST}) is Kind.SECOND
    assert which_kind(3, {2: Kind.SECOND}) is Kind.FIRST
    with pytest.raises(ReadByTwo):
        which_kind(3, {1: Kind.FIRST, 2: Kind.SECOND})
