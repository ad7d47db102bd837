"""Payment runs, as pages: the claims that can be paid, checked and paid together, and the file for the bank."""

from collections.abc import Mapping
from typing import Any

from improvement.access.asking import Asked
from improvement.access.routes import ask, form, page
from improvement.access.rules import May
from improvement.dates import in_words
from improvement.funding import book as books
from improvement.funding import commands, queries
from improvement.funding.book import Kind, Position
from improvement.funding.carrying import about
from improvement.funding.entering.paying import PaymentRun
from improvement.funding.pages import reading, reconciling, seeing
from improvement.funding.queries import paying
from improvement.funding.rules.paying import FILE_HEADINGS, FileRow
from improvement.money import in_pounds
from improvement.web import forms
from improvement.web.lists import as_csv
from improvement.web.replies import File, Page, Redirect


def _lines(asked: Asked, mou: str) -> Mapping[str, Position]:
    return {row.line: row for row in queries.lines(asked.session, asked.as_at, mou)}


@page("/funding/runs", may=May.READ_MONEY, of="payment runs")
def runs(asked: Asked) -> Page:
    """The payment runs, the newest first, and how far the bank confirms them."""
    mou = reconciling.whole_mou(asked)
    if mou is None:
        return Page("funding/nothing.html", {"changing": seeing.changing(asked)})
    after = seeing.key(asked, "the payment runs")
    found = paying.runs(asked.session, asked.as_at, mou.mou, after=after, limit=seeing.SHOWN + 1)
    shows = {
        "mou": mou,
        "runs": found[: seeing.SHOWN],
        "onward": seeing.onward(asked, found),
        "in_all": paying.in_all(asked.session, asked.as_at, mou.mou),
        "waiting": paying.to_pay(asked.session, asked.as_at, mou.mou),
        "changing": seeing.changing(asked),
    }
    return about(asked, mou.mou, "funding/runs.html", shows)


@page("/funding/runs/{ref:str}", may=May.READ_MONEY, of="payment run")
def run(asked: Asked) -> Page:
    """One payment run: each payment as it stands, and whether a bank statement shows it."""
    found = _run(asked)
    shows = {
        "run": found,
        "by": paying.payer(asked.session, found),
        "titles": {name: row.title for name, row in _lines(asked, found.mou).items()},
        "gone": [ref for ref in found.claims if ref not in {paid.claim for paid in found.payments}],
        "changing": seeing.changing(asked),
    }
    return about(asked, found.mou, "funding/run.html", shows)


def _run(asked: Asked) -> paying.Run:
    reconciling.check_sees_all(asked)
    return paying.run(asked.session, asked.as_at, str(asked.sent.path["ref"]))


@page("/funding/runs/{ref:str}/file.csv", may=May.READ_MONEY, of="payment run")
def run_file(asked: Asked) -> File:
    """The payments of a run, for the bank."""
    found = _run(asked)
    rows, lines = list[FileRow](), _lines(asked, found.mou)
    for paid in found.payments:
        of = lines[paid.line]
        rows.append(FileRow(of.host or of.title, of.title, paid.amount_pence, paid.reference, paid.paid_on, paid.run))
    return File(as_csv(FILE_HEADINGS, (row.cells() for row in rows)), "text/csv", f"payment-run-{found.ref}.csv")


@ask("/funding/runs/new", may=May.MANAGE_MONEY, of="payment run")
def new_run(asked: Asked) -> Page:
    """Ask which approved claims are paid, and when."""
    return _form(asked)


def _form(asked: Asked, typed: Mapping[str, str | list[str]] | None = None) -> Page:
    """The form, with every claim selected and today’s date unless something else was typed."""
    named = asked.typed.get("mou", "") or asked.query.get("mou", "")
    mou = queries.mou(asked.session, asked.as_at, str(named))
    claims, lines = paying.to_pay(asked.session, asked.as_at, mou.mou), _lines(asked, mou.mou)
    only, today = asked.query.get("claim", ""), asked.as_at.on
    first: dict[str, str | list[str]] = {
        "claims": [one.ref for one in claims if only in ("", one.ref)],
        **{f"paid_on-{part}": str(getattr(today, part)) for part in ("day", "month", "year")},
    }
    shows = {
        "mou": mou,
        "claims": [
            (
                one.ref,
                f"{one.ref}, {lines[one.line].title if one.line in lines else one.line}, {in_pounds(one.amount_pence)}",
            )
            for one in claims
        ],
        "total": sum(one.amount_pence for one in claims),
        "typed": first if typed is None else typed,
    }
    return about(asked, mou.mou, "funding/run_form.html", shows)


@form("/funding/runs/new", may=May.MANAGE_MONEY, of="payment run", asks=new_run)
def pay(asked: Asked) -> Page | Redirect:
    """Show what paying these claims will change, and once that is checked pay them all."""
    if "change" in asked.typed:
        return _form(asked, asked.typed)
    wanted = forms.read(PaymentRun, asked.typed)
    if asked.typed.get("checked") != "yes":
        return _check_page(asked, wanted)
    made = commands.do(asked.session, Kind.RUN, wanted, by=asked.by, at=asked.at)
    ref, count = commands.paying.reference_of(asked.session, made), len(wanted.claims)
    return Redirect(f"/funding/runs/{ref}", f"{count} {'claim is' if count == 1 else 'claims are'} paid, as {ref}.")


def _check_page(asked: Asked, wanted: PaymentRun) -> Page:
    """Every claim, the total, and each sum that becomes another."""
    foreseen = commands.foresee(asked.session, Kind.RUN, wanted, by=asked.by, at=asked.at)
    payments: list[Any] = [fact for kind, fact in foreseen.facts if kind is Kind.PAYMENT]
    day = max(asked.as_at.on, wanted.paid_on)
    sent = [("claims", ref) for ref in wanted.claims]
    sent += [(name, str(asked.typed.get(name, ""))) for name in _SENT if asked.typed.get(name)]
    shows = {
        "payments": payments,
        "titles": {name: row.title for name, row in _lines(asked, foreseen.before.mou).items()},
        "said": [
            ("Day paid", in_words(wanted.paid_on)),
            ("Why beyond cash in hand", wanted.over_cash_reason or "Not given"),
            ("Note", wanted.note or "Not given"),
        ],
        "changes": books.compare(foreseen.before, foreseen.after, day),
        "day": day,
        "sent": sent,
    }
    return about(asked, foreseen.before.mou, "funding/run_check.html", shows)


_SENT = ("paid_on-day", "paid_on-month", "paid_on-year", "over_cash_reason", "mou", "note")

routes = [runs, run, run_file, new_run, pay, *reading.routes, *reconciling.routes]
