"""The report's sentences, made from its figures by rule: grammatical for none, one and many, and never scolding.

Pure functions: a sentence follows from the numbers it is given and nothing else.
"""

from datetime import date

import msgspec

from improvement.board_reports.document.content import Headline
from improvement.board_reports.rules import Audience
from improvement.dates import Month, ProgrammeYear, in_words
from improvement.money import in_pounds


class Basis(msgspec.Struct, frozen=True):
    """What the sentences are made from: the figures, those of the last issued report, and the days they are about."""

    month: Month
    deadline: date
    figures: dict[str, int]
    before: dict[str, int] | None
    before_month: Month | None
    mou_state: str

    def __getitem__(self, name: str) -> int:
        return self.figures.get(name, 0)

    def change(self, name: str) -> int | None:
        """How much a figure has moved since the last issued report; none when it was not in one."""
        return None if self.before is None or name not in self.before else self[name] - self.before[name]

    @property
    def day(self) -> date:
        return self.month.last_day

    @property
    def then(self) -> str:
        """The end of the month compared with, in words: without its year when that is plain."""
        if self.before_month is None:
            return ""
        same = self.before_month.year == self.month.year
        return f"the end of {self.before_month.first_day:%B}" if same else f"the end of {self.before_month.in_words}"


def count(number: int, one: str, many: str = "") -> str:
    """No council, 1 council, 2 councils."""
    return f"{'no' if number == 0 else f'{number:,}'} {one if number < 2 else many or one + 's'}"


def begin(text: str) -> str:
    """With a capital to begin the sentence."""
    return text[:1].upper() + text[1:]


def and_list(parts: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def short(day: date) -> str:
    return f"{day.day} {day:%B}"


def headlines(basis: Basis) -> list[Headline]:
    """What a reader should know first, each in a sentence or two."""
    return [
        one
        for one in (published(basis), still_to_come(basis), money(basis), expected(basis), *concerns(basis))
        if one is not None
    ]


def published(basis: Basis) -> Headline:
    """How many have published, against the suggested date and the report before."""
    listed, out = basis["accounts_on_the_list"], basis["accounts_published"]
    if not listed:
        return Headline("No councils are on the list yet.", " Their local accounts will be counted here.")
    strong = f"{out:,} of {count(listed, 'council')}" if out else f"None of the {count(listed, 'council')}"
    by_then = f"published a local account by {in_words(basis.day)}"
    compared, deadline = _compared(basis, "accounts_published"), in_words(basis.deadline)
    if basis.day == basis.deadline:
        rest = f" {by_then}, the suggested date{compared}."
    elif basis.day < basis.deadline:
        rest = f" had {by_then}{compared}. The suggested date is {deadline}."
    else:
        on_time = (
            f" {_in_time(basis['accounts_published_on_time'], out)} {deadline}, the suggested date." if out else ""
        )
        rest = f" had {by_then}{compared}.{on_time}"
    return Headline(strong, rest + _confirmed(basis["accounts_confirmed"], out))


def _in_time(on_time: int, out: int) -> str:
    """How many of those that published did so by the deadline."""
    if out == 1:
        return "It did so by" if on_time else "It did so after"
    return f"{'All' if on_time == out else f'{on_time:,}' if on_time else 'None'} of them did so by"


def _compared(basis: Basis, name: str) -> str:
    change = basis.change(name)
    if change is None:
        return ""
    if change == 0:
        return f", as many as at {basis.then}"
    return f": {abs(change):,} {'more' if change > 0 else 'fewer'} than at {basis.then}"


def _confirmed(confirmed: int, out: int) -> str:
    if not out:
        return ""
    if not confirmed:
        return f" Coordinators have not confirmed {'it' if out == 1 else 'any'} yet."
    many = "it" if out == 1 else "all of them" if confirmed == out else f"{confirmed:,}"
    return f" Coordinators have confirmed {many}."


def still_to_come(basis: Basis) -> Headline | None:
    """What the councils that have not published say."""
    by, after = basis["accounts_expected_by_deadline"], basis["accounts_expected_after_deadline"]
    none, will_not = basis["accounts_no_date_given"], basis["accounts_will_not_publish"]
    later = "a later date" if basis.day > basis.deadline else f"a date after {short(basis.deadline)}"
    told = [
        (by, "expects", "expect", f"to publish by {short(basis.deadline)}"),
        (after, "has", "have", f"given {later}"),
        (none, "has", "have", "given no date"),
    ]
    parts: list[str] = []
    for number, one, many, what in told:
        if number:
            who = f"{number:,}" if parts else f"{number:,} {'council' if number == 1 else 'councils'}"
            parts.append(f"{who} {one if number == 1 else many} {what}")
    sentences = [and_list(parts) + "."] if parts else []
    if will_not:
        sentences.append(f"{count(will_not, 'council has', 'councils have')} decided not to publish this year.")
    if not sentences:
        return None
    amount, noun, rest = sentences[0].split(" ", 2)
    return Headline(f"{amount} {noun}", " ".join([f" {rest}", *sentences[1:]]))


def money(basis: Basis) -> Headline:
    """How much there is, how much is given, promised and paid."""
    whole = basis["funding_in_force_pence"]
    if not basis.mou_state:
        return Headline("No money is recorded.", " There is no Memorandum of Understanding with a funder yet.")
    if basis.mou_state == "in negotiation":
        given = basis["funding_allocated_pence"]
        shared = f" {in_pounds(given)} is allocated indicatively." if given else " Nothing is allocated yet."
        return Headline(in_pounds(whole), f" is sought: the Memorandum of Understanding is in negotiation.{shared}")
    if basis.mou_state == "withdrawn":
        return Headline("The Memorandum of Understanding", " was withdrawn. No money is in force.")
    paid, committed = basis["funding_paid_net_pence"], basis["funding_committed_pence"]
    left = basis["funding_unallocated_pence"]
    rest = f" of the {in_pounds(whole)} is paid, and {in_pounds(committed)} is committed."
    rest += f" {in_pounds(left)} is unallocated." if left else " All of it is allocated."
    return Headline(in_pounds(paid), rest)


def expected(basis: Basis) -> Headline | None:
    """What the funding lines are expected to come to, beside the amount in force."""
    if basis.mou_state not in ("agreed", "closed") or "funding_outturn_pence" not in basis.figures:
        return None
    variance, over = basis["funding_variance_pence"], basis.day > ProgrammeYear.of(basis.deadline).last_day
    beside = "as much as" if not variance else f"{in_pounds(abs(variance))} {'less' if variance > 0 else 'more'} than"
    what = "is what the funding lines came to" if over else "is expected to be spent by the end of the year"
    return Headline(in_pounds(basis["funding_outturn_pence"]), f" {what}, {beside} the amount in force.")


def concerns(basis: Basis) -> list[Headline]:
    """What is open and what is late: for those who see the Board's matters, and for those who see public ones only."""
    return [
        _concerns(basis, "_board", Audience.BOARD),
        msgspec.structs.replace(_concerns(basis, "_public", Audience.PUBLIC), only=True),
    ]


def _concerns(basis: Basis, suffix: str, audience: Audience) -> Headline:
    open_, bare = basis[f"concerns_open{suffix}"], basis[f"concerns_unaddressed{suffix}"]
    late = basis[f"actions_overdue{suffix}"]
    if not open_:
        overdue = f" {begin(count(late, 'action is', 'actions are'))} overdue." if late else " No action is overdue."
        return Headline("No concern is open.", overdue, audience)
    rest = f" {'is' if open_ == 1 else 'are'} open. {_bare(open_, bare)}"
    if late:
        rest += f" {begin(count(late, 'action is', 'actions are'))} overdue."
    return Headline(count(open_, "concern"), rest, audience)


def _bare(open_: int, bare: int) -> str:
    """How many of the open concerns nobody is doing anything about."""
    if open_ == 1:
        return "It has no action yet." if bare else "It has an action."
    if bare == open_:
        return "None of them has an action yet."
    return f"{bare:,} of them {'has' if bare == 1 else 'have'} no action yet." if bare else "Each has an action."
