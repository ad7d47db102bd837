"""One reader for forms and JSON: what was sent becomes the input of a command, or every mistake is told at once."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta

from improvement.errors import Mistakes, Refused, TurnedDown, Unreadable
from improvement.money import MOST, Pence
from improvement.web import forms


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Entry(msgspec.Struct, frozen=True):
    title: Annotated[str, Meta(title="the title", max_length=20)]
    amount_pence: Annotated[Pence, Meta(title="the amount")]
    day: Annotated[date, Meta(title="the day")]
    colour: Annotated[Colour, Meta(title="the colour")]
    places: Annotated[int, Meta(title="the number of places")] = 1
    until: Annotated[date | None, Meta(title="the last day")] = None
    lead: Annotated[bool | None, Meta(title="whether the lead member did")] = None
    colours: Annotated[list[Colour], Meta(title="the colours")] = []
    others: Annotated[list[str], Meta(title="the others", max_length=20)] = []
    note: Annotated[str, Meta(title="the note")] = ""


class Mending(msgspec.Struct, frozen=True):
    corrects: Annotated[UUID, Meta(title="the fact to correct")]
    values: Annotated[dict[str, Any] | None, Meta(title="the right values")] = None


TOO_FINE = "Enter no more than two figures after the point: money is counted in whole pence."
BELOW_ZERO = "Enter an amount above zero. To take money away, record a release, virement or refund."
TYPED: dict[str, str | list[str]] = {
    "title": "Adults’ account",
    "amount_pence": "£1,234.50",
    "day-day": "31",
    "day-month": "12",
    "day-year": "2011",
    "colour": "red",
}
SENT = {"title": "Adults’ account", "amount_pence": 123_450, "day": "2011-12-31", "colour": "red"}
READ = Entry("Adults’ account", 123_450, date(2011, 12, 31), Colour.RED)


def mistakes(**typed: str | list[str]) -> dict[str, str]:
    """What is wrong with a form, filled in rightly but for these fields."""
    with pytest.raises(Mistakes) as refusal:
        forms.read(Entry, TYPED | typed)
    return dict(refusal.value.fields)


def mistakes_in_json(**sent: object) -> dict[str, str]:
    with pytest.raises(Mistakes) as refusal:
        forms.read_json(Entry, SENT | sent)
    return dict(refusal.value.fields)


class TestForms:
    def test_what_was_typed_becomes_the_input(self) -> None:
        assert forms.read(Entry, TYPED) == READ

    def test_an_empty_form_gets_every_mistake_at_once_in_words(self) -> None:
        with pytest.raises(Mistakes) as refusal:
            forms.read(Entry, {})
        assert refusal.value.fields == {
            "title": "Enter the title.",
            "amount_pence": "Enter the amount.",
            "day": "Enter the day.",
            "colour": "Select the colour.",
        }

    def test_fields_left_empty_take_their_usual_value(self) -> None:
        left = {"until-day": "", "until-month": "", "until-year": "", "lead": "", "note": "", "places": ""}
        assert forms.read(Entry, {**TYPED, **left}) == READ

    def test_blanks_around_what_was_typed_are_not_kept_and_blanks_alone_are_nothing(self) -> None:
        assert forms.read(Entry, TYPED | {"title": "  Ours \n"}).title == "Ours"
        for nothing in (" \t ", "\u200b", "\u00a0\ufeff"):
            assert mistakes(title=nothing) == {"title": "Enter the title."}

    @pytest.mark.parametrize("sign", ["\u202a", "\u202e", "\u2066", "\u2069", "\x7f", "\x00"])
    def test_signs_that_nobody_reads_or_that_turn_the_text_round_are_not_kept(self, sign: str) -> None:
        assert mistakes(title=f"Our{sign}s") == {
            "title": "The title has characters that cannot be kept. Type it again."
        }

    def test_a_field_sent_twice_counts_as_it_was_sent_last(self) -> None:
        assert forms.read(Entry, TYPED | {"title": ["first", "last"]}).title == "last"

    def test_fields_nobody_asked_for_are_passed_over(self) -> None:
        assert forms.read(Entry, TYPED | {"csrf_token": "x", "recorded_by": "7"}) == READ

    def test_several_choices_are_a_list_and_one_choice_is_a_list_of_one(self) -> None:
        assert forms.read(Entry, TYPED | {"colours": ["red", "green"]}).colours == [Colour.RED, Colour.GREEN]
        assert forms.read(Entry, TYPED | {"colours": "red"}).colours == [Colour.RED]

    @pytest.mark.parametrize(("typed", "lead"), [("yes", True), ("no", False), ("", None)])
    def test_yes_no_and_not_known(self, typed: str, lead: bool | None) -> None:
        assert forms.read(Entry, TYPED | {"lead": typed}).lead is lead

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("colour", "blue", "Select the colour: red, green."),
            ("colours", "blue", "Select the colours from: red, green."),
            ("lead", "perhaps", "Select yes or no for whether the lead member did."),
            ("amount_pence", "1.005", TOO_FINE),
            ("amount_pence", "-5", BELOW_ZERO),
            ("places", "two", "Enter the number of places as a whole number."),
            ("places", "２", "Enter the number of places as a whole number."),
            ("places", "9" * 400, "Enter the number of places as a whole number."),
            ("title", "x" * 21, "The title must be 20 characters or fewer. You sent 21."),
            ("note", "x" * 10_001, "The note must be 10,000 characters or fewer. You sent 10,001."),
            ("note", "a\x00b", "The note has characters that cannot be kept. Type it again."),
            ("note", "a\x1b[31mb", "The note has characters that cannot be kept. Type it again."),
            ("note", "a\ud800b", "The note has characters that cannot be kept. Type it again."),
        ],
    )  # fmt: skip
    def test_each_mistake_is_a_sentence_that_says_what_to_do(self, field: str, typed: str, sentence: str) -> None:
        assert mistakes(**{field: typed}) == {field: sentence}

    @pytest.mark.parametrize(
        "kept", ["café £5 – “quoted”", "عربى", "two\nlines", "e\u0301", "👩‍👩‍👧", "= 1 + 1", "<script>"]
    )
    def test_whatever_people_write_is_kept_as_it_is(self, kept: str) -> None:
        assert forms.read(Entry, TYPED | {"note": kept}).note == kept

    @pytest.mark.parametrize(
        ("day", "month", "year"),
        [("31", "2", "2011"), ("0", "1", "2011"), ("1", "13", "2011"), ("31", "12", ""), ("", "12", "2011"),
         ("31", "12", "11"), ("x", "12", "2011"), ("1.5", "12", "2011"), ("-1", "12", "2011"), ("３", "12", "2011"),
         ("31", "Dec", "2011"), ("31", "12", "0000")],
    )  # fmt: skip
    def test_what_is_not_a_date_is_one_mistake_at_its_field(self, day: str, month: str, year: str) -> None:
        typed = {"day-day": day, "day-month": month, "day-year": year}
        assert mistakes(**typed) == {"day": "Enter the day as a real date, like 16 12 2011."}

    def test_days_and_months_need_no_leading_nought(self) -> None:
        assert forms.read(Entry, TYPED | {"day-day": "1", "day-month": "2", "day-year": "2012"}).day == date(2012, 2, 1)


class TestJson:
    def test_what_was_sent_becomes_the_input(self) -> None:
        assert forms.from_json(Entry, msgspec.json.encode(SENT)) == READ

    @pytest.mark.parametrize(
        "body", [b"", b"{", b"title=x", b"\xff\xfe", b'{"title": "\xff"}', b"[" * 100_000, b'{"a": NaN}']
    )
    def test_what_is_not_json_cannot_be_read(self, body: bytes) -> None:
        with pytest.raises(Unreadable, match="not JSON"):
            forms.from_json(Entry, body)

    @pytest.mark.parametrize("body", [b"[]", b"1", b"null", b'"text"'])
    def test_what_is_not_an_object_is_refused(self, body: bytes) -> None:
        with pytest.raises(Refused, match="Send a JSON object"):
            forms.from_json(Entry, body)

    def test_an_empty_object_gets_every_mistake_at_once(self) -> None:
        with pytest.raises(Mistakes) as refusal:
            forms.read_json(Entry, {})
        assert set(refusal.value.fields) == {"title", "amount_pence", "day", "colour"}

    def test_fields_nobody_asked_for_are_refused_by_name_beside_the_other_mistakes(self) -> None:
        assert mistakes_in_json(recorded_by=7, colour="blue") == {
            "recorded_by": "There is no such field.",
            "colour": "Select the colour: red, green.",
        }

    def test_null_is_nothing_given(self) -> None:
        assert forms.read_json(Entry, SENT | {"until": None, "lead": None, "note": None}) == READ

    def test_null_where_something_must_be_given_is_a_mistake(self) -> None:
        assert mistakes_in_json(title=None) == {"title": "Enter the title."}

    def test_text_that_must_be_given_is_not_blank(self) -> None:
        assert mistakes_in_json(title=" \n ") == {"title": "Enter the title."}
        assert forms.read_json(Entry, SENT | {"title": " Ours "}).title == "Ours"

    @pytest.mark.parametrize("amount", [1.5, 1.0, "5", 0, -1, MOST + 1, 10**30, True, None, [1]])
    def test_an_amount_is_a_whole_number_of_pence_above_zero_and_no_more_than_a_form_takes(
        self, amount: object
    ) -> None:
        assert set(mistakes_in_json(amount_pence=amount)) == {"amount_pence"}

    def test_an_amount_that_is_too_large_is_told_the_largest(self) -> None:
        assert mistakes_in_json(amount_pence=MOST + 1) == {
            "amount_pence": "Enter an amount of £99,999,999,999.99 or less."
        }

    def test_the_largest_amount_a_form_takes_may_be_sent(self) -> None:
        assert forms.read_json(Entry, SENT | {"amount_pence": MOST}).amount_pence == MOST

    @pytest.mark.parametrize(
        ("field", "value", "sentence"),
        [
            ("day", "31/12/2011", "Enter the day as a real date, like 2011-12-16."),
            ("day", "2011-02-30", "Enter the day as a real date, like 2011-12-16."),
            ("day", "2011-12-16T00:00:00Z", "Enter the day as a real date, like 2011-12-16."),
            ("day", 20_111_216, "Enter the day as a real date, like 2011-12-16."),
            ("title", 5, "The title is not in the right form."),
            ("title", "x" * 21, "The title must be 20 characters or fewer. You sent 21."),
            ("lead", "yes", "Select yes or no for whether the lead member did."),
            ("places", 1.5, "The number of places is not in the right form."),
            ("places", 10**30, "The number of places is not in the right form."),
            ("others", "x", "The others is not in the right form."),
            ("others", ["x" * 21], "The others must be 20 characters or fewer. You sent 21."),
            ("others", ["a\x00b"], "The others has characters that cannot be kept. Type it again."),
            ("colours", ["red", "blue"], "Select the colours from: red, green."),
        ],
    )
    def test_each_mistake_is_a_sentence_that_says_what_to_do(self, field: str, value: object, sentence: str) -> None:
        assert mistakes_in_json(**{field: value}) == {field: sentence}

    def test_what_a_dictionary_holds_is_looked_at_too(self) -> None:
        with pytest.raises(Mistakes):
            forms.read_json(Mending, {"corrects": str(UUID(int=1)), "values": {"note": ["a\x00b"]}})
        with pytest.raises(Mistakes):
            forms.read_json(Mending, {"corrects": "not one"})


texts = st.text(st.characters(codec=None), max_size=30)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from([field.name for field in forms.wanted_of(Entry)]) | texts


@given(st.dictionaries(names, anything, max_size=12))
def test_whatever_json_is_sent_is_taken_or_turned_down(sent: dict[str, Any]) -> None:
    try:
        read = forms.read_json(Entry, sent)
    except TurnedDown as refusal:
        assert refusal.status == 422  # noqa: PT017 - either answer is right
        return
    assert read.title.strip()


@given(
    st.dictionaries(
        names | st.sampled_from(["day-day", "day-month", "day-year"]), texts | st.lists(texts, max_size=3), max_size=12
    )
)
def test_whatever_is_typed_is_taken_or_turned_down(typed: dict[str, Any]) -> None:
    try:
        forms.read(Entry, typed)
    except Mistakes as refusal:
        assert all(sentence.endswith(".") for sentence in refusal.fields.values())  # noqa: PT017 - either answer is right
