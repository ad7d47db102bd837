"""How the money may move: the rules of funding, tried on every day of what is known."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from improvement.dates import NotADate, ProgrammeYear, in_words
from improvement.errors import Conflict, Refused
from improvement.funding.book import (
    LIFE,
    Book,
    Entry,
    Kind,
    Leg,
    Line,
    LineKind,
    State,
    Sum,
    allocated,
    in_force,
    in_order,
    state,
)
from improvement.funding.days import Series
from improvement.money import MOST, in_pounds, share_out

NEEDS_DECISION_ABOVE = 10_000_00
"""A virement that moves more than this, in pence, needs the Board decision's reference, until another limit is set."""

WORDS: dict[str, str] = {kind.value: kind.value[:1].upper() + kind.value[1:] for kind in Kind} | {
    Kind.NEGOTIATED: "MoU put in negotiation",
    Kind.LINE: "Funding line opened",
    Kind.RETURN: "Returned to the funder",
    Kind.POST_TERMS: "Terms of the post",
    Kind.POST_STATE: "State of the post",
    Kind.CARRIED: "Carry-forward decided",
    LineKind.POST: "National posts",
    LineKind.REGION: "Regions",
}
"""Values as they are said on screen."""

AFTER_CLOSING = frozenset({Kind.REFUND, Kind.RETURN, Kind.STATEMENT, Kind.EXPLAINED})
AHEAD = frozenset({Kind.COMMITMENT, Kind.POST_STATE})
"""What may be agreed ahead, so that its day may be later than the day of recording."""
_FOLLOWS: dict[Kind, tuple[State | None, ...]] = {
    Kind.NEGOTIATED: (None,),
    Kind.AGREED: (State.NEGOTIATION,),
    Kind.VARIED: (State.NEGOTIATION, State.AGREED),
    Kind.CLOSED: (State.AGREED,),
    Kind.WITHDRAWN: (State.NEGOTIATION,),
}
_NAMES: dict[Kind, tuple[str, ...]] = {Kind.LINE: ("line", "kind", "region"), Kind.EXPECTED: ("ref",)}
TOO_MUCH = f"Enter an amount above zero and no more than {in_pounds(MOST)}."


class MoreThanInForce(Refused):
    """Allocations never pass the amount in force."""


class MoreThanAllocated(Refused):
    """Commitments on a line never pass its allocation."""


class MoreThanCommitted(Refused):
    """Payments less refunds on a line never pass its commitments."""


class MoreThanThereIs(Refused):
    """No more is taken from an allocation or a commitment than there is."""


class MoreThanUnspent(Refused):
    """What is carried forward from a line has been allocated to it and not been paid."""


class MoreThanPaid(Refused):
    """Refunds on a line never pass its payments."""


class NotThatPayment(Refused):
    """A refund names a payment of its own line."""


class StillNamed(Refused):
    """What other facts name is not taken away from under them."""


class NotAgreedYet(Refused):
    """Nothing is committed or paid before the MoU is agreed."""


class AfterTheEnd(Refused):
    """Nothing but refunds, returns to the funder and corrections after the MoU is closed, or at all once withdrawn."""


class BeyondCash(Refused):
    """A payment beyond cash in hand needs a recorded reason, and money returned must be there."""


class NeedsDecision(Refused):
    """A large virement, or one between posts and regions, needs the Board decision's reference."""


class LegsDoNotBalance(Refused):
    """A virement has two or more legs, no line twice, that sum to nil."""


class WrongOrder(Refused):
    """In negotiation, agreed, closed; or withdrawn, from negotiation only."""


class DayHasNotCome(Refused):
    """What is recorded has happened: its day is today or earlier."""


class LineNotOpen(Refused):
    """Money goes to a funding line that is open on the day."""


class NameTaken(Conflict):
    """A line, an instalment and an MoU each have a name of their own."""


class KeepsItsName(Refused):
    """A correction leaves what others know a thing by: its MoU, its name, and whether it is a post or a region."""


class NotALine(Refused):
    """A line, or an MoU, is named so that it can stand in an address."""


class SameLine(Refused):
    """Money moves from one line to another."""


class NotExpected(Refused):
    """Money received against an instalment names one that was expected."""


class WhichMou(Refused):
    """When there are several MoUs, say which."""


class NothingSaid(Refused):
    """Words that must be there are missing."""


def check_always_true(book: Book, lines: Iterable[str] | None = None, since: date = date.min) -> None:
    """Try every rule on every day, of some lines or of all; or on every day from the earliest that a change touches.

    Raises the first that is broken, with its figures.
    """
    _check_life(book)
    for line in sorted({*book.lines, *(name for _, name in book.sums if name)}) if lines is None else lines:
        _check_line(book, line, since)
    _check_in_force(book, since)
    _check_after_the_end(book, (Sum.RECEIVED,), "", "An instalment was received")
    _check_cash(book, since)
    _check_decisions(book)


def _running(since: date, *series: Series) -> Iterator[tuple[date, list[int]]]:
    """The days from one on which anything moved, each with what every series has come to by its end."""
    totals = [sum(pence for day, pence in one.items() if day < since) for one in series]
    for day in sorted({day for one in series for day in one if day >= since}):
        totals = [total + one.get(day, 0) for total, one in zip(totals, series, strict=True)]
        yield day, totals


def _check_life(book: Book) -> None:
    now: State | None = None
    for step in book.life:
        if now not in _FOLLOWS[step.kind]:
            said = f"is {now}" if now else "is not in negotiation yet"
            raise WrongOrder(
                f"The MoU {said} on {in_words(step.on)}, so “{WORDS[step.kind]}” cannot follow. "
                "It goes from in negotiation to agreed to closed, or is withdrawn while in negotiation.",
                field="effective_on",
            )
        now = LIFE[step.kind] or now


def _check_in_force(book: Book, since: date) -> None:
    steps = {step.on: 0 for step in book.life}
    for day, (total, _) in _running(since, book.series(Sum.ALLOCATED, ""), steps):
        most = in_force(book, day)
        if total > most and state(book, day) is not State.WITHDRAWN:
            raise MoreThanInForce(
                f"Allocations would come to {in_pounds(total)} on {in_words(day)}, and the amount in force is "
                f"{in_pounds(most)}: {in_pounds(total - most)} too much. Allocations may not pass the amount in force.",
                field="amount_pence",
            )


def _check_line(book: Book, line: str, since: date) -> None:
    called = book.lines[line].title if line in book.lines else line
    sums = [book.series(what, line) for what in _OF_LINE]
    _check_agreed(book, called, min((*sums[1], *sums[2], *sums[4]), default=None))
    _check_after_the_end(
        book, (Sum.ALLOCATED, Sum.COMMITTED, Sum.PAID, Sum.CARRIED), line, f"Money of {called} was moved"
    )
    for day, (given, promised, paid, refunded, carried) in _running(since, *sums):
        if line not in book.lines or day < book.lines[line].opened_on:
            raise LineNotOpen(f"There is no funding line “{called}” on {in_words(day)}. Open it first.", field="line")
        if not 0 <= paid - refunded <= promised <= given:
            _refuse(f"On {in_words(day)} {called} would have", given, promised, paid, refunded)
        if carried and paid - refunded + carried > given:
            raise MoreThanUnspent(
                f"On {in_words(day)} {called} would have {in_pounds(paid - refunded)} paid, less refunds, and "
                f"{in_pounds(carried)} carried forward, and an allocation of {in_pounds(given)}. "
                "What is carried forward may not pass what is allocated and not paid.",
                field="amount_pence",
            )


_OF_LINE = (Sum.ALLOCATED, Sum.COMMITTED, Sum.PAID, Sum.REFUNDED, Sum.CARRIED)


def _refuse(begin: str, given: int, promised: int, paid: int, refunded: int) -> None:
    net = paid - refunded
    if given < 0 or promised < 0:
        what, left = ("an allocation", given) if given < 0 else ("commitments", promised)
        raise MoreThanThereIs(
            f"{begin} {what} of {in_pounds(left)}. No more can be taken away than there is.", field="amount_pence"
        )
    if refunded > paid:
        raise MoreThanPaid(
            f"{begin} refunds of {in_pounds(refunded)} and payments of {in_pounds(paid)}. "
            "Refunds on a line may not pass its payments.",
            field="amount_pence",
        )
    if net > promised:
        raise MoreThanCommitted(
            f"{begin} {in_pounds(net)} paid, less refunds, and commitments of {in_pounds(promised)}: "
            f"{in_pounds(net - promised)} too much. Payments less refunds on a line may not pass its commitments.",
            field="amount_pence",
        )
    if promised > given:
        raise MoreThanAllocated(
            f"{begin} commitments of {in_pounds(promised)} and an allocation of {in_pounds(given)}: "
            f"{in_pounds(promised - given)} too much. Commitments on a line may not pass its allocation.",
            field="amount_pence",
        )


def _check_agreed(book: Book, called: str, first: date | None) -> None:
    agreed = next((step.on for step in book.life if step.kind is Kind.AGREED), None)
    if first is not None and (agreed is None or first < agreed):
        since = f"It was agreed on {in_words(agreed)}." if agreed else "It is not agreed yet."
        raise NotAgreedYet(
            f"Nothing may be committed or paid before the MoU is agreed. {since} "
            f"{called} has money committed or paid on {in_words(first)}."
        )


def _check_after_the_end(book: Book, sums: Sequence[Sum], line: str, what: str) -> None:
    ended = next((step for step in book.life if step.kind in (Kind.CLOSED, Kind.WITHDRAWN)), None)
    last = max((day for each in sums for day in book.series(each, line)), default=None)
    if ended is not None and last is not None and last > ended.on:
        raise _ended(ended, f" {what} on {in_words(last)}.")


def _ended(step: Entry, more: str = "") -> AfterTheEnd:
    said = LIFE[step.kind]
    return AfterTheEnd(
        f"The MoU was {said} on {in_words(step.on)}. From then on only refunds, money returned to the funder and "
        f"corrections may be recorded.{more}"
    )


def _check_cash(book: Book, since: date) -> None:
    """A day's explained payments count as the ones that went beyond cash in hand; the others must have been covered."""
    whole = (Sum.RECEIVED, Sum.REFUNDED, Sum.PAID, Sum.RETURNED, Sum.EXPLAINED)
    series = [book.series(what, "") for what in whole]
    _, _, paid, returned, explained = series
    for day, (got, back, out, gone, _) in _running(since, *series):
        cash, excused = got + back - out - gone, explained.get(day, 0)
        if cash + excused < 0 and (paid.get(day, 0) > excused or day in returned):
            what = "A payment beyond cash in hand needs a recorded reason"
            if day in returned:
                what = "No more can be returned to the funder than is in hand"
            raise BeyondCash(
                f"Cash in hand would be {in_pounds(cash)} on {in_words(day)}. {what}.",
                field="amount_pence" if day in returned else "over_cash_reason",
            )


def _check_decisions(book: Book) -> None:
    agreed = next((in_order(step) for step in book.life if step.kind is Kind.AGREED), None)
    for entry in book.undecided:
        moved, most = moved_sum(entry.legs), limit(book, entry.on)
        if agreed is None or in_order(entry) < agreed:
            continue  # While allocations are indicative no decision is needed.
        if moved > most or crosses(book.lines, entry.legs):
            why = f"moves {in_pounds(moved)}, which is over {in_pounds(most)}"
            if moved <= most:
                why = f"moves {in_pounds(moved)} between posts and regions"
            sentence = f"This virement {why}. Enter the reference of the Board’s decision."
            raise NeedsDecision(sentence, field="decision_reference")


def limit(book: Book, on: date) -> int:
    """What a virement may move on a day, in pence, without the Board's decision."""
    return next((each.pence for each in reversed(book.limits) if each.on <= on), NEEDS_DECISION_ABOVE)


def moved_sum(legs: Iterable[Leg]) -> int:
    """What a virement moves: the sum of what its lines gain, in pence."""
    return sum(leg.amount_pence for leg in legs if leg.amount_pence > 0)


def crosses(lines: Mapping[str, Line], legs: Iterable[Leg]) -> bool:
    """Whether a virement moves money between posts and regions: one kind gains in all and the other gives."""
    gains = dict.fromkeys(LineKind, 0)
    for leg in legs:
        if leg.line in lines:
            gains[lines[leg.line].kind] += leg.amount_pence
    return gains[LineKind.POST] * gains[LineKind.REGION] < 0


def check_legs(legs: Sequence[Leg]) -> None:
    """Raises `LegsDoNotBalance`."""
    names = [leg.line for leg in legs]
    wrong = len(legs) < 2 or len(set(names)) < len(names) or not all(leg.amount_pence for leg in legs)
    left = sum(leg.amount_pence for leg in legs)
    if wrong or left:
        off = f" They come to {in_pounds(left)}." if left else ""
        raise LegsDoNotBalance(
            f"A virement has two or more lines, each once, and what they gain and give comes to nil.{off}", field="legs"
        )


def check_fresh(book: Book, kind: Kind, on: date, today: date, field: str) -> None:
    """What may be recorded at all today, corrections apart. Raises `AfterTheEnd` or `DayHasNotCome`."""
    check_day(kind, on, today, field)
    ended = next((step for step in book.life if step.kind in (Kind.CLOSED, Kind.WITHDRAWN)), None)
    if ended is not None and kind not in AFTER_CLOSING and kind not in LIFE:
        raise _ended(ended)


def check_day(kind: Kind, on: date, today: date, field: str) -> None:
    """Raises `DayHasNotCome` for anything but what may be agreed ahead."""
    if on > today and kind not in AHEAD:
        raise DayHasNotCome(f"The day must be today or earlier. Today is {in_words(today)}.", field=field)


def period_of(mou: str, negotiated_on: date) -> ProgrammeYear:
    """The programme year an MoU's money is for: the one its name says, or that of the day it was put in negotiation."""
    try:
        return ProgrammeYear.parse(mou)
    except NotADate:
        return ProgrammeYear.of(negotiated_on)


def on_screen(mou: str) -> str:
    """An MoU's name as people write it: 2012/13, where it is that of a programme year."""
    try:
        return ProgrammeYear.parse(mou).on_screen
    except NotADate:
        return mou


def of_the_day(periods: Mapping[str, ProgrammeYear], agreed: Collection[str], on: date) -> str:
    """Which of several MoUs, the newest last, money is about on a day: the one named after its programme year or for
    it; else the newest agreed; else the newest."""
    year, turns = ProgrammeYear.of(on), list(periods)
    return max(turns, key=lambda mou: (mou == str(year), periods[mou] == year, mou in agreed, turns.index(mou)))


def check_which(known: Iterable[str], named: str) -> None:
    """Raises `WhichMou`."""
    several = list(known)
    if len(several) > 1 and not named:
        raise WhichMou(f"Say which MoU this is about: {', '.join(several)}.", field="mou")


def check_mou(before: str, after: str) -> None:
    """Raises `KeepsItsName`."""
    if after not in ("", before):
        raise KeepsItsName("A correction stays with its MoU. Withdraw this and record it there.", field="mou")


def check_names(kind: Kind, before: object, after: object) -> None:
    """Raises `KeepsItsName`."""
    for name in _NAMES.get(kind, ()):
        if getattr(before, name) != getattr(after, name):
            raise KeepsItsName("A correction keeps the name. Withdraw this and record another.", field=name)


def scaled(book: Book, amount: int, on: date) -> dict[str, int]:
    """What each line gives up, in pence, when an MoU is agreed at less than is allocated: pro rata, exactly."""
    given = {line: allocated(book, line, on) for line in sorted(book.lines)}
    total = sum(given.values())
    if total <= amount:
        return {}
    kept = share_out(amount, list(given.values()))
    return {line: pence - left for (line, pence), left in zip(given.items(), kept, strict=True) if pence > left}
