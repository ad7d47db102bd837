"""Which payment, refund, instalment or return each line of a bank statement shows.

A match is certain when the amount is the same and the line tells a reference of the fact; likely when the amount is
the same, the days are within a week, and neither has another to go with. Each line and each fact is used once. A bank
may pay a whole payment run in one sum: then the line shows the run, of exactly its total, and with it its payments.
"""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from uuid import UUID

import msgspec

from improvement.dates import in_words
from improvement.errors import Conflict, Refused
from improvement.funding.book import Kind
from improvement.funding.rules.bank import BankLine
from improvement.money import in_pounds

NEAR = 7
"""How many days there may be between a fact and the line that is likely to show it."""
LEAST_REFERENCE = 4
"""How many letters and figures a reference needs to be told from other text."""
OUT = frozenset({Kind.PAYMENT, Kind.RETURN, Kind.RUN})
"""What a bank shows as money out; receipts and refunds come in."""
MOVED = (Kind.PAYMENT, Kind.RETURN, Kind.RECEIVED, Kind.REFUND)
"""What a bank statement may show, besides whole payment runs."""
LEAST_OF_A_RUN = 2
"""How many payments a run needs to be shown as a whole: a run of one is shown by its payment."""


class How(StrEnum):
    """How a line came to its fact."""

    CERTAIN = "certain"
    LIKELY = "likely"
    CHOSEN = "chosen"


class Moved(msgspec.Struct, frozen=True):
    """A fact that a bank would show. The amount is below zero when money went out."""

    id: UUID
    kind: Kind
    on: date
    amount_pence: int
    line: str = ""
    references: tuple[str, ...] = ()
    seq: int = 0
    run: str = ""
    """The payment run that a payment was made in; of a run as a whole, its own reference."""
    payments: int = 1
    """How many payments a run is of."""


class Match(msgspec.Struct, frozen=True):
    """The fact a line shows, and how that is known."""

    fact: Moved
    how: How


class KeptLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line as a statement keeps it, with the fact it shows, if one was found."""

    row: int
    on: date
    amount_pence: int
    text: str
    nth: int = 1
    fact: UUID | None = None
    how: str = ""

    @property
    def said(self) -> BankLine:
        """What the bank said."""
        return BankLine(self.row, self.on, self.amount_pence, self.text, self.nth)


class AlreadyRead(Conflict):
    """A file, or a line of one, is read once."""


class NothingNew(Refused):
    """A statement that is kept has at least one line that was not read before."""


class NotThatMatch(Refused):
    """A line shows one fact that stands, of its amount and direction, that no other line shows."""


class KeepsItsLines(Refused):
    """A correction of a statement changes what its lines show, never what the bank said."""


def find(lines: Sequence[BankLine], facts: Iterable[Moved]) -> dict[int, Match]:
    """What each line shows, by its row. Certain ones first, the nearest in days of several."""
    found, alike = dict[int, Match](), defaultdict[int, tuple[list[BankLine], list[Moved]]](lambda: ([], []))
    for line in lines:
        alike[line.amount_pence][0].append(line)
    for fact in facts:
        if fact.amount_pence in alike:
            alike[fact.amount_pence][1].append(fact)
    for same_lines, same_facts in alike.values():
        certain = _certain(same_lines, same_facts)
        used = {match.fact.id for match in certain.values()}
        rest = [line for line in same_lines if line.row not in certain]
        found |= certain | _likely(rest, [fact for fact in same_facts if fact.id not in used])
    return _apart_from_runs(found)


def _apart_from_runs(found: Mapping[int, Match]) -> dict[int, Match]:
    """Without the less sure of a run and its payments: what is certain stays, and of equals the payments."""
    runs = {match.fact.run: row for row, match in found.items() if match.fact.kind is Kind.RUN}
    dropped = set[int]()
    for row, match in found.items():
        whole = runs.get(match.fact.run) if match.fact.kind is Kind.PAYMENT and match.fact.run else None
        if whole is not None:
            surer = found[whole].how is How.CERTAIN and match.how is not How.CERTAIN
            dropped.add(row if surer else whole)
    return {row: match for row, match in found.items() if row not in dropped}


def _certain(lines: Sequence[BankLine], facts: Sequence[Moved]) -> dict[int, Match]:
    """Of lines and facts of one amount: those of which the line tells the reference."""
    found, used = dict[int, Match](), set[UUID]()
    known = [(signs, fact) for fact in facts for reference in fact.references if (signs := _signs(reference))]
    pairs = [(line, fact) for line in lines for fact in _told(line, known)]
    for line, fact in sorted(pairs, key=lambda pair: (_apart(*pair), pair[0].row, pair[1].seq)):
        if line.row not in found and fact.id not in used:
            found[line.row] = Match(fact, How.CERTAIN)
            used.add(fact.id)
    return found


def _told(line: BankLine, known: Iterable[tuple[str, Moved]]) -> list[Moved]:
    """The facts whose reference a line tells. Most are ruled out by letters and figures alone, which is quick."""
    said = _bare(line.text)
    return [fact for signs, fact in known if signs in said and tells(line, fact)]


def _likely(lines: Sequence[BankLine], facts: Sequence[Moved]) -> dict[int, Match]:
    """Of lines and facts of one amount: the pairs within a week in which neither could go with another."""
    by_day = sorted(facts, key=lambda fact: (fact.on, fact.seq))
    fact_days = [fact.on.toordinal() for fact in by_day]
    line_days = sorted(line.on.toordinal() for line in lines)
    found = {}
    for line in lines:
        first, after = _near(fact_days, line.on)
        if after - first == 1:
            begin, end = _near(line_days, by_day[first].on)
            if end - begin == 1:
                found[line.row] = Match(by_day[first], How.LIKELY)
    return found


def _near(days: Sequence[int], on: date) -> tuple[int, int]:
    """Where the days within a week of one begin and end, among days in order."""
    return bisect_left(days, on.toordinal() - NEAR), bisect_right(days, on.toordinal() + NEAR)


def choose(lines: Sequence[BankLine], facts: Collection[Moved], choices: Mapping[int, UUID | None]) -> dict[int, Match]:
    """What each line shows once somebody has chosen for some of them a fact, or none. Raises `NotThatMatch`."""
    found, by_id = find(lines, facts), {fact.id: fact for fact in facts}
    for line in lines:
        wanted = choices.get(line.row, found[line.row].fact.id if line.row in found else None)
        if wanted is None:
            found.pop(line.row, None)
        elif line.row not in found or found[line.row].fact.id != wanted:
            fact = by_id.get(wanted)
            if fact is None or fact.amount_pence != line.amount_pence:
                raise NotThatMatch(
                    f"Row {line.row}: select something recorded of {in_pounds(line.amount_pence)} that no other "
                    "line shows.",
                    field=f"match-{line.row}",
                )
            found[line.row] = Match(fact, How.CHOSEN)
    in_turn = sorted(found.items())
    _check_once((row, match.fact.id) for row, match in in_turn)
    check_runs((row, match.fact) for row, match in in_turn)
    return found


def _check_once(shown: Iterable[tuple[int, UUID]]) -> None:
    """Raises `NotThatMatch`."""
    first: dict[UUID, int] = {}
    for row, id_ in shown:
        if id_ in first:
            raise NotThatMatch(
                f"Rows {first[id_]} and {row} are matched to the same entry. Each entry goes with one line.",
                field=f"match-{row}",
            )
        first[id_] = row


def check_runs(shown: Iterable[tuple[int, Moved]]) -> None:
    """A payment is shown by itself or with its whole run, not both. Raises `NotThatMatch`."""
    told = list(shown)
    whole = {fact.run: row for row, fact in told if fact.kind is Kind.RUN}
    for row, fact in told:
        if fact.kind is Kind.PAYMENT and fact.run in whole:
            raise NotThatMatch(
                f"Row {whole[fact.run]} shows the whole of payment run {fact.run}, and row {row} one of its payments. "
                "Select one or the other.",
                field=f"match-{row}",
            )


def options(line: BankLine, facts: Iterable[Moved], most: int = 20) -> list[Moved]:
    """What somebody may choose for a line: facts of its amount, the nearest in days first."""
    same = [fact for fact in facts if fact.amount_pence == line.amount_pence]
    return sorted(same, key=lambda fact: (_apart(line, fact), fact.seq))[:most]


def check_file(sha256: str, read: Mapping[str, tuple[str, date]]) -> None:
    """Raises `AlreadyRead` when a statement that stands was read from the same file: `read` is its reference and day
    by hash."""
    if sha256 in read:
        ref, on = read[sha256]
        raise AlreadyRead(
            f"This file was read on {in_words(on)} as {ref}. Nothing was read again. To read it anew, take {ref} back "
            "first.",
            field="file",
        )


def check_new(lines: Collection[BankLine], before: Mapping[tuple[date, int, str, int], str]) -> list[BankLine]:
    """The lines that were not read before, where `before` are those that were. Raises `NothingNew`."""
    fresh = [line for line in lines if line.key not in before]
    if not fresh:
        refs = ", ".join(sorted({before[line.key] for line in lines}))
        raise NothingNew(f"There is nothing new in this statement: every line was read with {refs}.", field="file")
    return fresh


def check_kept(lines: Sequence[KeptLine], facts: Mapping[UUID, Moved], settled: Collection[UUID]) -> None:
    """Each line shows a fact that stands, of its amount, that no line shows. `settled` are lines’ facts that were
    there before a correction, which may have changed since. Raises `NotThatMatch`."""
    shown = [line for line in lines if line.fact is not None]
    _check_once((line.row, line.fact) for line in shown if line.fact is not None)
    for line in shown:
        fact = facts.get(line.fact) if line.fact is not None else None
        if line.fact not in settled and (fact is None or fact.amount_pence != line.amount_pence):
            raise NotThatMatch(
                f"Row {line.row}: nothing recorded of {in_pounds(line.amount_pence)} goes with this line any more. "
                "Open the statement again.",
                field=f"match-{line.row}",
            )
    check_runs((line.row, facts[line.fact]) for line in shown if line.fact is not None and line.fact in facts)


def _apart(line: BankLine, fact: Moved) -> int:
    return abs((line.on - fact.on).days)


def tells(line: BankLine, fact: Moved) -> bool:
    """Whether a line’s text tells a reference of a fact, whatever its capitals, spaces and punctuation."""
    text = line.text.casefold()
    return any(_written(reference).search(text) for reference in fact.references if _signs(reference))


@lru_cache(maxsize=4096)
def _signs(reference: str) -> str:
    """The letters and figures of a reference, if they are enough to know it by."""
    signs = _bare(reference)
    return signs if len(signs) >= LEAST_REFERENCE else ""


def _bare(text: str) -> str:
    """The letters and figures of a text, in small letters."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


@lru_cache(maxsize=4096)
def _written(reference: str) -> re.Pattern[str]:
    """A reference however a bank writes it. A figure before or after it would make it another: INV 12 is not INV 1."""
    signs = _signs(reference)
    before, after = r"(?<!\d)" if signs[0].isdigit() else "", r"(?!\d)" if signs[-1].isdigit() else ""
    return re.compile(before + r"[\W_]*".join(map(re.escape, signs)) + after)
