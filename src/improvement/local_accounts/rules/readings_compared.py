"""A reading as a list of things it says, to compare with another and to reply to one by one."""

from collections.abc import Mapping, Sequence

import msgspec

from improvement.local_accounts.rules.readings import BALANCE, Covered, Reading, ThemeRead

CONTENTS, PEOPLE, BALANCED, ASKED = "Contents", "Engagement and challenge", "Balance", "The questions"
LONGEST_ABOUT = 80


class Item(msgspec.Struct, frozen=True):
    """One thing a reading says: what about, in which group, and in what words."""

    about: str
    label: str
    group: str
    says: str
    where: str = ""
    quotation: str = ""


class Difference(msgspec.Struct, frozen=True):
    """One thing two readings say differently."""

    first: Item
    second: Item


def items(reading: Reading, questions: Sequence[str]) -> list[Item]:
    """Everything a reading says, in the order it is asked."""
    said = [
        Item(_about(one.theme, at), _begin(one.theme), CONTENTS, _begin(one.covered.value), one.where, one.quotation)
        for at, one in enumerate(reading.themes, start=1)
    ]
    said.append(Item("engagement", "Engagement of citizens", PEOPLE, _begin(reading.engagement.value)))
    said.append(Item("challenge", "Challenge used", PEOPLE, _begin(", ".join(reading.challenge)) or "Not known"))
    said += [Item(name, words, BALANCED, _begin(str(getattr(reading, name).value))) for name, words in BALANCE.items()]
    clicks = "Not known" if reading.clicks is None else str(reading.clicks)
    said.append(Item("clicks", "Clicks from the home page", BALANCED, clicks))
    answered = {one.question: one.answer for one in reading.answers}
    for at, question in enumerate(dict.fromkeys([*questions, *answered]), start=1):
        said.append(Item(f"question {at}", question, ASKED, answered.get(question, "") or "Not known"))
    return said


def differences(first: Reading, second: Reading, questions: Sequence[str]) -> list[Difference]:
    """What two readings say differently, in the order it is asked."""
    others = {item.about: item for item in items(second, questions)}
    pairs = [Difference(item, others[item.about]) for item in items(first, questions) if item.about in others]
    return [pair for pair in pairs if pair.first != pair.second]


def agreed(first: Reading, second: Reading) -> Mapping[str, ThemeRead]:
    """The themes of which both say the same, with where and what is quoted if those are the same too."""
    others = {one.theme: one for one in second.themes}
    same = {}
    for one in first.themes:
        other = others.get(one.theme)
        if other is not None and other.covered is one.covered:
            where = one.where if one.where == other.where else ""
            quotation = one.quotation if one.quotation == other.quotation else ""
            same[one.theme] = ThemeRead(one.theme, one.covered, where, quotation)
    return same


def answered(themes: Sequence[ThemeRead]) -> int:
    """How many themes something is known of."""
    return sum(one.covered is not Covered.NOT_KNOWN for one in themes)


def _about(theme: str, place: int) -> str:
    """A theme by its own name, or by its place when that is too long to be kept with every reply."""
    return theme if len(theme) <= LONGEST_ABOUT else f"theme {place}"


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]
