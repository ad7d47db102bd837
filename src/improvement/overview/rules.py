"""What needs somebody, in order of day, and how near it is."""

from collections.abc import Iterable
from datetime import date

import msgspec


class Task(msgspec.Struct, frozen=True):
    """One thing for one person to do. Without a day it can be done at any time, and comes last."""

    text: str
    href: str
    by_day: date | None = None
    more: str = ""


class Flag(msgspec.Struct, frozen=True):
    """How near a day is, in words, and how it is marked."""

    words: str
    kind: str


def flag(task: Task, today: date) -> Flag | None:
    """How near a task is. Nothing is said of a task without a day."""
    if task.by_day is None:
        return None
    days = (task.by_day - today).days
    if days < 0:
        return Flag("Overdue", "late")
    if days == 0:
        return Flag("Today", "soon")
    if days == 1:
        return Flag("Tomorrow", "soon")
    return Flag(f"In {days} days", "soon" if days <= 7 else "plain")


def in_order(tasks: Iterable[Task]) -> list[Task]:
    """By day, the nearest first; those without a day last."""
    return sorted(tasks, key=lambda task: (task.by_day is None, task.by_day or date.max, task.text))


def summary(tasks: list[Task], today: date) -> str:
    """One sentence about the whole list."""
    if not tasks:
        return "Nothing needs you today."
    late = sum(1 for task in tasks if task.by_day is not None and task.by_day < today)
    many = f"{len(tasks)} things need you." if len(tasks) > 1 else "One thing needs you."
    return many if not late else f"{many} {late} {'are' if late > 1 else 'is'} overdue."
