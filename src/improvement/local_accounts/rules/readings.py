"""What a reading of an account says, theme by theme, and what it must give to say it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from improvement.errors import Conflict, NotFound, Refused
from improvement.local_accounts.rules import NotAnAddress, Theme, check_address

THEMES = tuple(theme.value for theme in Theme)
_BOARDS = "the LSP and other Boards, including the Adult Safeguarding Board,"
QUESTIONS = (
    "How is the local account citizen/consumer driven?",
    "How might external challenge of the local account be undertaken in a way which allows an objective perspective?",
    "How does the local account relate to reporting on health outcomes?",
    "How does the local account fit with corporate reporting?",
    f"What is the role of {_BOARDS} in feeding into the local account?",
    "What will be the role of the Health and Well-being Board (HWB Board) in feeding into the local account?",
)
"""The six questions the letter ends with."""
MOST_WHERE, MOST_QUOTED, MOST_ANSWERED, MOST_CLICKS = 2_000, 500, 4_000, 20


class Covered(StrEnum):
    """What a reader found of a theme."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_COVERED = "not covered"
    NOT_KNOWN = "not known"


class Engagement(StrEnum):
    """How far citizens had a part in the account."""

    NOT_KNOWN = "not known"
    NONE = "none"
    FEEDBACK = "feedback included"
    CONSULTED = "consulted"
    CO_PRODUCED = "co-produced"
    LED_BY_CITIZENS = "led by citizens"


class Challenge(StrEnum):
    """The independent scrutiny an account had. The first two stand alone."""

    NONE = "none"
    NOT_KNOWN = "not known"
    SAFEGUARDING = "external review of safeguarding practice"
    USER_FEEDBACK = "user feedback"
    SCRUTINY = "overview and scrutiny"
    HEALTHWATCH = "LINk/Healthwatch"
    COMPLAINTS = "complaints"
    CASE_FILES = "case file audits"
    EXTERNAL_SERVICES = "monitoring of external services"


class Said(StrEnum):
    """Whether an account does what a balanced one does."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not known"


class Kind(StrEnum):
    """Which reading of a publication it is."""

    FIRST = "first"
    SECOND = "second"
    RECONCILED = "reconciled"


BALANCE = {
    "weaknesses": "Reports weaknesses as well as achievements",
    "compares_spending": "Compares spending with the year before",
    "compares_numbers": "Compares the numbers supported with the year before",
    "priorities": "States its priorities",
    "findable": "Can be found from the council’s home page",
}
"""The five of balance, in words."""


class ThemeRead(msgspec.Struct, frozen=True):
    """One theme as a reader found it: where, and what it says there."""

    theme: str
    covered: Covered = Covered.NOT_KNOWN
    where: str = ""
    quotation: str = ""


class Answer(msgspec.Struct, frozen=True):
    """One of the letter’s questions, answered in the council’s words."""

    question: str
    answer: str


class Reading(msgspec.Struct, frozen=True):
    """One reading of one publication, as it was recorded."""

    id: UUID
    council: str
    kind: Kind
    publication: UUID
    """The publication as it is now put right."""
    title: str
    publication_stands: bool
    read_on: date
    recorded_at: datetime
    recorded_by: int
    recorded_as: str
    seq: int
    note: str
    themes: tuple[ThemeRead, ...]
    engagement: Engagement
    challenge: tuple[str, ...]
    answers: tuple[Answer, ...]
    weaknesses: Said
    compares_spending: Said
    compares_numbers: Said
    priorities: Said
    findable: Said
    clicks: int | None


class WhereWanted(Refused):
    """What is covered is somewhere: a page, or an address."""


class NotAWhere(Refused):
    """Where something is covered is told by pages or by an address."""


class NothingToRead(Refused):
    """Only a publication that stands can be read."""


class ReadByTwo(Conflict):
    """Two people have read this publication; a third look is the reconciled one."""


class NotTwoReadings(Conflict):
    """There is something to reconcile when two people have read."""


class NotStanding(Conflict):
    """A council replies to the reading that stands."""


class NoSuchReading(NotFound):
    """There is no such reading of this account."""


class EvidenceWanted(Refused):
    """A council that disagrees says what its evidence is."""


def check_where(covered: Covered, where: str) -> None:
    """Raises `WhereWanted` or `NotAWhere`: "4", "4, 7-9" or a web address; and what is covered must say."""
    if not where:
        if covered is Covered.COVERED:
            raise WhereWanted("Enter the page, like 4 or 4, 7-9, or the web address where it is covered.")
        return
    if len(where) > MOST_WHERE:
        raise NotAWhere(f"Where it is must be {MOST_WHERE:,} characters or fewer. You entered {len(where):,}.")
    if re.match(r"[a-z][a-z0-9+.-]*:", where, re.IGNORECASE):
        try:
            check_address(where)
        except NotAnAddress as refusal:
            raise NotAWhere(refusal.message) from None
        return
    for part in where.split(","):
        _check_pages(part.strip())


def _check_pages(part: str) -> None:
    found = re.fullmatch(r"([0-9]{1,4})(?:\s*[-\u2013]\s*([0-9]{1,4}))?", part)
    if found is None:
        raise NotAWhere("Enter page numbers, like 4 or 4, 7-9, or a web address starting with http:// or https://.")
    first, last = int(found[1]), int(found[2] or found[1])
    if first < 1:
        raise NotAWhere("Pages are counted from 1.")
    if last < first:
        raise NotAWhere(f"Enter the first page of “{part}” before the last.")


def check_challenge(challenge: Sequence[str]) -> None:
    """Raises `Refused`: “none” and “not known” go with nothing else, and nothing is there twice."""
    alone = {Challenge.NONE.value, Challenge.NOT_KNOWN.value} & set(challenge)
    if alone and len(set(challenge)) > 1:
        raise Refused(f"Select “{min(alone)}” by itself, or what was used.", field="challenge")


def which_kind(mine: int, taken: Mapping[int, Kind]) -> Kind:
    """Whether somebody's reading is the first or the second, given whose those are by now. Raises `ReadByTwo`."""
    if mine in taken:
        return taken[mine]
    free = [kind for kind in (Kind.FIRST, Kind.SECOND) if kind not in taken.values()]
    if not free:
        raise ReadByTwo("Two people have read this publication already. Compare their readings, and reconcile them.")
    return free[0]


def mistakes_in(themes: Sequence[ThemeRead], asked: Sequence[str]) -> dict[str, str]:
    """What is wrong with what was found of each theme, by field: the fields of a theme carry its place in the year."""
    mistakes: dict[str, str] = {}
    seen: set[str] = set()
    for one in themes:
        if one.theme not in asked:
            mistakes["themes"] = f"“{one.theme[:60]}” is not a theme of this year."
            continue
        if one.theme in seen:
            mistakes["themes"] = f"“{one.theme}” is there twice."
        seen.add(one.theme)
        place, theme = asked.index(one.theme) + 1, f"{one.theme[:1].upper()}{one.theme[1:]}"
        try:
            check_where(one.covered, one.where.strip())
        except Refused as refusal:
            mistakes[f"where-{place}"] = f"{theme}: {refusal.message[:1].lower()}{refusal.message[1:]}"
        if len(one.quotation.strip()) > MOST_QUOTED:
            length = f"{MOST_QUOTED} characters or fewer. You entered {len(one.quotation.strip()):,}."
            mistakes[f"quotation-{place}"] = f"{theme}: the quotation must be {length}"
    return mistakes


def mistakes_in_answers(answers: Sequence[Answer], asked: Sequence[str]) -> dict[str, str]:
    """What is wrong with the answers to the year's questions, by field."""
    mistakes: dict[str, str] = {}
    questions = [one.question for one in answers]
    for one in answers:
        if one.question not in asked:
            mistakes["answers"] = f"“{one.question[:60]}” is not a question of this year."
        elif questions.count(one.question) > 1:
            mistakes["answers"] = f"“{one.question}” is answered twice."
        elif len(one.answer.strip()) > MOST_ANSWERED:
            place = asked.index(one.question) + 1
            mistakes[f"answer-{place}"] = f"Question {place} must be answered in {MOST_ANSWERED:,} characters or fewer."
    return mistakes
