"""What needs somebody now, gathered from every slice by their roles."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from improvement.access.rules import May, Person, Role
from improvement.board_reports import queries as reports
from improvement.concerns import queries as concerns
from improvement.dates import AsAt, in_words
from improvement.errors import NotFound
from improvement.funding import queries as funding
from improvement.funding import rules
from improvement.funding.book import State
from improvement.funding.queries import waiting
from improvement.local_accounts import queries as accounts
from improvement.local_accounts.queries import checks, readings
from improvement.local_accounts.queries import readings_told as told
from improvement.local_accounts.rules import Position
from improvement.mail import arrival
from improvement.money import in_pounds
from improvement.notices.queries import reach
from improvement.overview.rules import Task, in_order

SOON = timedelta(days=30)
REACHED_AGAIN = "Our last message came back. Put the address right, or say to try it again."
LISTED = 5
"""How many things of one kind are listed one by one; more are counted in one line."""


def tasks(session: Session, by: Person, as_at: AsAt) -> list[Task]:
    """What needs this person, the nearest day first."""
    found: list[Task] = []
    if by.may(May.CLAIM_MONEY):
        found += _money(session, as_at, by)
    if by.may(May.PREPARE_REPORTS) or by.may(May.APPROVE_REPORTS):
        found += _reports(session, by, as_at)
    if by.may(May.RECORD_ACCOUNTS):
        found += _accounts(session, by, as_at)
    if by.may(May.WORK_ON_CONCERNS):
        found += _concerns(session, by, as_at)
    return in_order(found)


def not_reached(session: Session, by: Person, at: datetime) -> list[Task]:
    """Addresses that our last message did not reach, for whoever can mend them. It is only ever about now."""
    many = arrival.how_many(session) if by.may(May.READ_NOTICES) else 0
    if many and by.may(May.MANAGE_PEOPLE):
        what = "an address that our messages do" if many == 1 else f"{many} addresses that our messages do"
        return [Task(f"See about {what} not reach", "/notices/messages?became=bounced", None, REACHED_AGAIN)]
    missed = [one.name for one in reach.sight(session, by, at).councils if one.not_reached] if many else []
    if not missed:
        return []
    of = missed[0] if len(missed) == 1 else f"{len(missed)} councils"
    here = "/notices/reach?mend=not+reached#list"
    return [Task(f"See about the address of somebody at {of} that is not reached", here, None, REACHED_AGAIN)]


def money(session: Session, as_at: AsAt) -> funding.Mou | None:
    """The MoU that money is about on the day, if we had been told of one by then."""
    try:
        return funding.mou(session, as_at)
    except NotFound:
        return None


def of_the_day(session: Session, as_at: AsAt) -> tuple[str, str]:
    """What links about the money of the day carry, and the name of its MoU, where there are several; else nothing."""
    found = money(session, as_at)
    if found is None or not funding.are_several(session, as_at):
        return "", ""
    return funding.of_mou(session, as_at, "", found.mou), rules.on_screen(found.mou)


def _money(session: Session, as_at: AsAt, by: Person) -> list[Task]:
    mou = money(session, as_at)
    if mou is None:
        return [Task("Record the Memorandum of Understanding", "/funding/mou")] if by.may(May.MANAGE_MONEY) else []
    waits = [Task(one.text, one.href, one.by_day, one.more) for one in waiting.waiting_in_all(session, as_at, by)]
    if by.may(May.MANAGE_MONEY):
        for slug in funding.mous(session, as_at):
            waits += _from_the_funder(session, as_at, funding.mou(session, as_at, slug))
    return waits


def _from_the_funder(session: Session, as_at: AsAt, mou: funding.Mou) -> list[Task]:
    """The agreement, and instalments that are due."""
    found: list[Task] = []
    here = funding.of_mou(session, as_at, "/funding/mou", mou.mou)
    if mou.state in (State.CLOSED, State.WITHDRAWN):
        return found
    if mou.state == State.NEGOTIATION:
        more = (
            f"Up to {in_pounds(mou.sought_pence)} is being negotiated. Allocations are indicative until it is agreed."
        )
        found.append(Task("Record the agreement when the Memorandum of Understanding is agreed", here, None, more))
    for due in funding.instalments(session, as_at, mou.mou):
        if due.received_pence < due.amount_pence and due.due_on <= as_at.on + SOON:
            more = f"{in_pounds(due.amount_pence - due.received_pence)} is due."
            found.append(Task(f"Record the instalment {due.ref} from the {mou.funder}", here, due.due_on, more))
    return found


def _reports(session: Session, by: Person, as_at: AsAt) -> list[Task]:
    found = []
    for one in reports.reports(session, by, as_at):
        found += _of_report(f"/board-reports/{one.month}", one.month.in_words, one.state, by)
    return found


def _of_report(href: str, month: str, state: str, by: Person) -> list[Task]:
    if state == "draft" and by.may(May.PREPARE_REPORTS):
        more = "Write the narrative, then send it to the Board."
        return [Task(f"Finish the Board report for {month}", href, None, more)]
    if state == "with the Board" and by.may(May.APPROVE_REPORTS):
        return [Task(f"Approve or return the Board report for {month}", href)]
    if state == "approved" and by.may(May.PREPARE_REPORTS):
        return [Task(f"Issue the Board report for {month}", href, None, "The chair has approved it.")]
    return []


def _accounts(session: Session, by: Person, as_at: AsAt) -> list[Task]:
    which = accounts.FIRST_YEAR
    about, councils = accounts.year(session, which), {c.slug: c for c in accounts.expected(session, which)}
    own = [
        row
        for row in accounts.rows(session, which, as_at, by)
        if accounts.in_full(by, councils[row.council]) and councils[row.council].in_being(as_at.on)
    ]
    here = f"/local-accounts/{which}"
    wrong = checks.said_wrong(session, which, as_at, by)
    to_mend = [
        Task(f"Put right what {one.name} says is wrong with its entry", f"{here}/{one.council}", None, one.said[:200])
        for one in wrong[:LISTED]
    ]
    by_day = about.deadline if about.deadline >= as_at.on else None
    silent = [row for row in own if row.position == Position.NO_DATE]
    more = f"The suggested date is {in_words(about.deadline)}. It is for each council to decide."
    unseen = [row for row in own if row.position in (Position.ON_TIME, Position.LATE) and row.sureness != "confirmed"]
    found = _one_by_one(silent, "Ask {} when it expects to publish its local account", here, more, by_day)
    if len(silent) > LISTED:
        href = f"{here}/grid" if by.regions else f"{here}?position=no+date+given{_scope(by)}#list"
        found = [Task(f"{len(silent)} councils have given no date for their local account", href, by_day, more)]
    if by.role_for(May.CONFIRM_ACCOUNTS, region=next(iter(by.regions), None)) and unseen:
        if len(unseen) > LISTED:
            found.append(Task(f"Open and confirm {len(unseen)} published accounts", f"{here}?{_scope(by)[1:]}#list"))
        else:
            found += _one_by_one(unseen, "Open and confirm the account of {}", here, "", None)
    return to_mend + found + _to_reply(session, by, as_at, here)


def _to_reply(session: Session, by: Person, as_at: AsAt, here: str) -> list[Task]:
    """Readings of an officer's own councils that the council has said nothing of."""
    if not by.councils:
        return []
    stand = readings.standing(session, accounts.FIRST_YEAR, as_at)
    return [
        Task(
            "Say whether you agree with what a reader found in your local account",
            f"{here}/{slug}/readings",
            None,
            f"It was read on {in_words(stand[slug].read_on)}. Both what was found and what you say are kept.",
        )
        for slug in sorted(by.councils)
        if slug in stand and not told.replies(session, accounts.FIRST_YEAR, slug, as_at)
    ]


def _one_by_one(rows: Sequence[accounts.Row], text: str, here: str, more: str, by_day: date | None) -> list[Task]:
    return [Task(text.format(row.name), f"{here}/{row.council}", by_day, more) for row in rows[:LISTED]]


def _scope(by: Person) -> str:
    return f"&region={next(iter(by.regions))}" if by.regions and not by.is_any(Role.SECRETARIAT) else ""


def _concerns(session: Session, by: Person, as_at: AsAt) -> list[Task]:
    found = []
    late = [row for row in concerns.actions(session, by, as_at) if row.overdue]
    bare = [row for row in concerns.concerns(session, by, as_at) if row.state == "open"]
    for action in sorted(late, key=lambda row: row.target_on)[:LISTED]:
        more = f"{action.council_name}. It was to be complete by {in_words(action.target_on)}."
        found.append(Task(f"Update the action “{action.title}”", f"/actions/{action.ref}", action.target_on, more))
    if len(late) > LISTED:
        found.append(Task(f"See the other {len(late) - LISTED} overdue actions", "/actions?when=overdue"))
    if len(bare) > LISTED:
        found.append(Task(f"Plan actions for {len(bare)} concerns that have none", "/concerns?state=open"))
    else:
        found += [
            Task(
                f"Plan an action for “{row.title}”",
                f"/concerns/{row.ref}",
                None,
                f"{row.council_name}. It has no action yet.",
            )
            for row in bare
        ]
    return found
