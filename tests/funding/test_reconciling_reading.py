"""Reading a bank statement: the headings and ways of writing that banks use, and every mistake by row and column."""

from datetime import date
from typing import Any

import pytest

from improvement.errors import Mistakes
from improvement.funding.rules.bank import MOST_LINES, NotAStatement, Reading, day_of, read, signed
from improvement.money import NotAnAmount
from improvement.web.uploads import rows_of

TODAY = date(2012, 1, 31)


def rows(headings: str, *told: str) -> Reading:
    """What a file with these headings and rows says; cells are parted by bars."""
    names = headings.split("|")
    cells = {number: dict(zip(names, row.split("|"), strict=False)) for number, row in enumerate(told, start=2)}
    return read(cells, names, TODAY)


def test_a_statement_with_a_signed_amount_is_read() -> None:
    reading = rows("date|description|amount|balance", "31/12/2011|FP  CL-7K4M2|-1,234.50|9", "1/1/2012|DH|£5.00|14")
    assert [(line.row, line.on, line.amount_pence, line.text) for line in reading.lines] == [
        (2, date(2011, 12, 31), -1_234_50, "FP CL-7K4M2"),
        (3, date(2012, 1, 1), 5_00, "DH"),
    ]


@pytest.mark.parametrize(
    "headings",
    [
        "Paid in|Date|Narrative|Paid out",
        "CREDIT|Transaction date|Details|DEBIT",
        "Credit amount|date|Reference|Debit amount",
        "Money In (£)|DATE|Transaction_Description|Money Out (£)",
    ],
)
def test_the_columns_may_have_any_order_and_the_names_banks_give_them(headings: str) -> None:
    reading = rows(headings, "|31 Dec 2011|Rent|12.50", "7.00|2011-12-31|Back|0.00")
    assert [line.amount_pence for line in reading.lines] == [-12_50, 7_00]


def test_every_column_of_words_is_part_of_the_text() -> None:
    reading = rows("date|reference|description|amount", "31-12-2011|CL-7K4M2|BACS|-5")
    assert reading.lines[0].text == "BACS CL-7K4M2"


def test_rows_that_move_no_money_are_left_out_and_named() -> None:
    reading = rows(
        "date|description|amount", "1/12/2011|BALANCE BROUGHT FORWARD|", "2/12/2011|x|-5", "2/12/2011|y|0.00"
    )
    assert [line.row for line in reading.lines] == [3]
    assert reading.left_out == (2, 4)


def test_lines_that_are_alike_are_numbered_so_that_they_are_told_apart() -> None:
    reading = rows("date|description|amount", *["1/12/2011|x|-5"] * 3, "1/12/2011|y|-5")
    assert [line.nth for line in reading.lines] == [1, 2, 3, 1]
    assert len({line.key for line in reading.lines}) == 4


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31/12/2011", date(2011, 12, 31)),
        ("31-12-2011", date(2011, 12, 31)),
        ("2011-12-31", date(2011, 12, 31)),
        ("31 Dec 2011", date(2011, 12, 31)),
        (" 1  December  2011 ", date(2011, 12, 1)),
        ("01-sep-2011", date(2011, 9, 1)),
    ],
)
def test_days_are_read_as_banks_write_them(text: str, day: date) -> None:
    assert day_of(text, TODAY) == day


@pytest.mark.parametrize(
    "text", ["", "12/31/2011", "31/12/11", "yesterday", "31.12.2011", "٣١/١٢/٢٠١١", "1/2/2012", "0/1/2011"]
)
def test_a_day_that_is_none_or_has_not_come_is_refused(text: str) -> None:
    with pytest.raises(NotAStatement):
        day_of(text, TODAY)


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("1,234.50", 1_234_50), ("-1,234.50", -1_234_50), ("(1,234.50)", -1_234_50), ("£1,234.50", 1_234_50),
        ("-£5", -5_00), ("£-5", -5_00), ("−5.00", -5_00), ("+5.00", 5_00), ("(£5.00)", -5_00), ("", 0), ("0.00", 0),
        ("-0.00", 0), ("£0", 0),
    ],
)  # fmt: skip
def test_amounts_are_read_as_banks_write_them(text: str, pence: int) -> None:
    assert signed(text) == pence


@pytest.mark.parametrize(
    "text", ["x", "1.234,50", "1234,50", "1.234", "--5", "(5", "5-", "5 DR", "1e5", "£", "999999999999999", "()"]
)
def test_an_amount_that_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        signed(text)


def told(wrong: Mistakes) -> list[str]:
    return list(wrong.fields.values())


def test_every_mistake_is_told_at_once_by_row_and_column() -> None:
    with pytest.raises(Mistakes) as refused:
        rows(
            "date|description|paid out|paid in",
            "31/13/2011|x|1.234|",
            "1/12/2011|y|5|7",
            "1/12/2011|z|-5|",
            "1/2/2012|q|5|",
        )
    assert told(refused.value) == [
        "Row 2, date: “31/13/2011” is not a day we can read. Enter the day, like 31/12/2011.",
        "Row 2, paid out: Enter no more than two figures after the point: money is counted in whole pence.",
        "Row 3, paid in: There is an amount in paid out too. Keep one of them.",
        "Row 4, paid out: −£5.00 is below zero. Write it in the other column, without the sign.",
        "Row 5, date: 1 February 2012 has not come yet.",
    ]
    assert "file" in refused.value.fields, "the summary leads to where the file is chosen"


def test_of_very_many_mistakes_the_rest_are_counted() -> None:
    with pytest.raises(Mistakes) as refused:
        rows("date|description|amount", *["x|y|5"] * 300)
    assert len(told(refused.value)) == 101
    assert told(refused.value)[-1] == "200 more things cannot be read. Put these right first."


@pytest.mark.parametrize(
    ("headings", "wanting"),
    [
        ("description|amount", "a date"),
        ("date|amount", "a description"),
        ("date|description", "an amount"),
        ("date|description|paid out", "an amount"),
        ("a|b|c", "a date or for a description or for an amount"),
    ],
)
def test_a_file_without_a_column_is_told_which_it_needs(headings: str, wanting: str) -> None:
    with pytest.raises(NotAStatement, match=f"no column for {wanting}"):
        rows(headings, "1|2|3")


def test_more_than_five_thousand_rows_are_refused() -> None:
    cells: Any = {
        number: {"date": "1/1/2012", "description": "x", "amount": "-5"} for number in range(2, MOST_LINES + 3)
    }
    with pytest.raises(NotAStatement, match="5,001 rows"):
        read(cells, ["date", "description", "amount"], TODAY)
    del cells[2]
    assert len(read(cells, ["date", "description", "amount"], TODAY).lines) == MOST_LINES


@pytest.mark.parametrize("text", ["x" * 501, "a\x00b", "a\x07b"])
def test_a_description_that_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(Mistakes, match="Row 2, description: The description has"):
        rows("date|description|amount", f"1/1/2012|{text}|-5")


def test_a_file_in_which_nothing_moves_is_refused() -> None:
    with pytest.raises(NotAStatement, match="No row of the file has an amount"):
        rows("date|description|amount", "1/1/2012|x|")


@pytest.mark.parametrize(
    ("heading", "out", "came"),
    [
        ("DR/CR", "DR", "CR"),
        ("Type", "Debit", "Credit"),
        ("Debit/Credit", "D", "C"),
        ("Flag", "dr", "cr"),
        ("Sign", "-", "+"),
    ],
)
def test_a_column_beside_the_amount_says_whether_it_went_out(heading: str, out: str, came: str) -> None:
    reading = rows(f"date|description|amount|{heading}", f"1/11/2011|Pay|4383.33|{out}", f"2/11/2011|DH|5|{came}")
    assert [line.amount_pence for line in reading.lines] == [-4_383_33, 5_00]


def test_an_amount_with_its_sign_and_the_column_beside_it_agree_or_are_refused() -> None:
    reading = rows("date|description|amount|dr/cr", "1/11/2011|Pay|-5|DR", "2/11/2011|DH|5|CR", "2/11/2011|none|0|")
    assert [line.amount_pence for line in reading.lines] == [-5_00, 5_00]
    with pytest.raises(Mistakes) as refused:
        rows(
            "date|description|amount|dr/cr",
            "1/11/2011|Pay|-5|CR",
            "2/11/2011|x|7|DR",
            "2/11/2011|y|8|",
            "3/11/2011|z|9|?",
        )
    assert list(refused.value.by_field.values()) == [
        "Row 2, dr/cr: It says the money came in, and the amount that it went out. Put one of them right.",
        "Row 3, dr/cr: It says the money went out, and the amount that it came in. Put one of them right.",
        "Row 4, dr/cr: It does not say whether the money went out or came in. Enter DR or CR.",
        "Row 5, dr/cr: “?” does not say whether the money went out or came in. Enter DR or CR.",
    ]


def test_a_type_is_only_told_where_the_amounts_have_signs_and_never_guessed_from() -> None:
    reading = rows("date|description|amount|type", "1/11/2011|Pay|-5|Direct debit", "2/11/2011|DH|5|BACS")
    assert [line.amount_pence for line in reading.lines] == [-5_00, 5_00]
    with pytest.raises(Mistakes, match="Row 2, type: “Direct debit” went out, and its amount has no sign"):
        rows("date|description|amount|type", "1/11/2011|Pay|5|Direct debit", "2/11/2011|DH|5|BACS")


def test_what_a_balance_is_says_nothing_of_the_amount() -> None:
    reading = rows("date|description|amount|balance dr/cr", "1/11/2011|Pay|-5|CR")
    assert [line.amount_pence for line in reading.lines] == [-5_00]


@pytest.mark.parametrize(
    "headings",
    [
        "date|description|amount|Amount (£)",
        "date|description|amount|value",
        "date|description|debit|money out|credit",
        "date|description|amount|paid out|paid in",
    ],
)
def test_of_two_columns_that_could_be_the_amount_none_is_chosen(headings: str) -> None:
    with pytest.raises(NotAStatement, match="more than one could be the amount"):
        rows(headings, "1/11/2011|Pay|5|6|7")


def test_a_file_with_two_columns_of_one_name_is_refused() -> None:
    with pytest.raises(Mistakes) as refused:
        rows_of("Date,Description,Amount,amount \n1/11/2011,x,-1.00,20000.00\n", ())
    assert "The file has two columns “amount”." in refused.value.by_field["file"]
