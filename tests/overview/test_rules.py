"""What needs somebody, in order of day, and how near it is."""

from datetime import date

from improvement.overview.rules import Flag, Task, flag, in_order, summary

TODAY = date(2011, 12, 12)


def on(day: int | None, text: str = "Do it", month: int = 12) -> Task:
    return Task(text, "/", date(2011, month, day) if day else None)


def test_a_day_that_has_passed_is_overdue_and_today_is_not() -> None:
    assert flag(on(11), TODAY) == Flag("Overdue", "late")
    assert flag(on(12), TODAY) == Flag("Today", "soon")
    assert flag(on(13), TODAY) == Flag("Tomorrow", "soon")


def test_a_day_within_a_week_is_near_and_a_later_one_is_not() -> None:
    assert flag(on(19), TODAY) == Flag("In 7 days", "soon")
    assert flag(on(31), TODAY) == Flag("In 19 days", "plain")


def test_nothing_is_said_of_a_thing_without_a_day() -> None:
    assert flag(on(None), TODAY) is None


def test_the_nearest_day_comes_first_and_things_without_a_day_come_last() -> None:
    tasks = [on(None, "Any time"), on(31, "Later"), on(7, "First")]
    assert [task.text for task in in_order(tasks)] == ["First", "Later", "Any time"]


def test_the_sentence_counts_what_there_is_and_what_is_overdue() -> None:
    assert summary([], TODAY) == "Nothing needs you today."
    assert summary([on(31)], TODAY) == "One thing needs you."
    assert summary([on(1), on(31)], TODAY) == "2 things need you. 1 is overdue."
    assert summary([on(1), on(2), on(31)], TODAY) == "3 things need you. 2 are overdue."
