"""How a cell of the return is read, and what a row changes."""

from datetime import date

import pytest

from improvement.local_accounts.rules.returns import (
    FIELDS,
    UNPUBLISHED,
    NotInForm,
    OtherTemplate,
    Step,
    differences,
    key_of,
    looks_like_edition,
    read_cell,
    read_day,
    read_key,
    step_of,
)

TODAY = date(2011, 11, 1)


@pytest.mark.parametrize(
    "text",
    [
        "31/12/2011",
        " 31/12/2011 ",
        "31.12.2011",
        "31-12-2011",
        "2011-12-31",
        "31 Dec 2011",
        "31 december 2011",
        "31-Dec-2011",
        "2011-12-31 00:00:00",
    ],
)
def test_a_day_is_read_as_it_is_written_here(text: str) -> None:
    assert read_day(text) == date(2011, 12, 31)


@pytest.mark.parametrize(
    "text",
    ["12/31/2011", "31/12", "31/12/11", "soon", "40908", "40908.5", "31/12/0211", "30/2/2011", "٣١/١٢/٢٠١١", "x" * 99],
)
def test_what_could_be_another_day_or_none_is_refused(text: str) -> None:
    with pytest.raises(NotInForm, match="31/12/2011"):
        read_day(text)


def test_choices_are_read_whatever_their_capitals_and_blanks() -> None:
    assert read_cell(FIELDS["status"], " Will  NOT publish ") == "will not publish"
    assert read_cell(FIELDS["formats"], "pdf; Web page,PDF\nbsl") == "web page, PDF, BSL"


def test_text_keeps_its_lines_and_loses_the_blanks_round_it() -> None:
    assert read_cell(FIELDS["because"], "  One.\r\nTwo. ") == "One.\nTwo."
    assert read_cell(FIELDS["because"], "\u200b") == "", "nobody can read it"
    for text in ("a\x07b", "Closed \u202e down"):
        with pytest.raises(NotInForm, match="characters that cannot be kept"):
            read_cell(FIELDS["because"], text)


def test_a_key_is_of_one_year_one_council_and_one_moment() -> None:
    assert read_key(f" {key_of('2011-2012', 'brent', 17)} ", "2011-2012", "brent") == 17
    for text in ("", "17", "LA1 2011-2012 brent -1", "LA1 2011-2012 brent 1 2"):
        with pytest.raises(OtherTemplate):
            read_key(text, "2011-2012", "brent")


def test_a_cell_says_something_only_where_it_was_changed() -> None:
    base, now = {**UNPUBLISHED, "because": "a"}, {**UNPUBLISHED, "because": "b", "agreed_by": "c"}
    assert differences(base, now, {"because": "a", "agreed_by": "", "status": "planned"}).changes == {
        "status": "planned"
    }
    assert not differences(base, now, {"because": "b"}).changes
    (met,) = differences(base, now, {"because": "mine"}).conflicts
    assert (met.theirs, met.mine) == ("b", "mine")


def test_a_row_without_changes_comes_to_nothing() -> None:
    assert step_of(UNPUBLISHED, {}, TODAY)[0] is Step.NOTHING


def test_publishing_needs_its_title_address_and_day() -> None:
    step, _, wrong = step_of(UNPUBLISHED, {"status": "published"}, TODAY)
    assert (step, set(wrong)) == (Step.PUBLISH, {"title", "address", "published_on"})


def test_a_day_that_was_given_and_has_passed_is_not_given_again() -> None:
    now = {**UNPUBLISHED, "status": "planned", "expected_on": "2011-10-31"}
    step, after, wrong = step_of(now, {"status": "drafting"}, TODAY)
    assert (step, after["expected_on"], wrong) == (Step.STATUS, "", {})


FIRST = {**UNPUBLISHED, "title": "Ours", "address": "https://a.org.uk/1", "published_on": "2011-12-16"}


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"published_on": "2012-03-01", "title": "Second edition"}, True),
        ({"published_on": "2012-03-01", "address": "https://a.org.uk/2"}, True),
        ({"published_on": "2012-03-01"}, False),
        ({"title": "Second edition", "address": "https://a.org.uk/2"}, False),
        ({"published_on": "2011-12-01", "title": "Second edition"}, False),
        ({"published_on": "2011-12-16", "title": "Second edition"}, False),
    ],
)
def test_a_later_day_with_another_title_or_address_may_be_a_later_edition(changes: dict[str, str], asked: bool) -> None:
    assert looks_like_edition(FIRST, {**FIRST, **changes}) is asked
