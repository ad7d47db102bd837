"""Moving a report on: each step is asked about on a page of its own, which says what it will do."""

from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler

from improvement.access import queries as access
from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.board_reports import commands, queries, rules
from improvement.board_reports.pages.showing import month_of
from improvement.board_reports.rules import Step
from improvement.dates import Month
from improvement.errors import NotFound
from improvement.web import forms
from improvement.web.replies import Page, Redirect


class Confirmation(msgspec.Struct, frozen=True):
    """A page that asks before a step is taken: what it says, its button, and what is said when it is done."""

    step: Step
    may: May
    heading: str
    says: tuple[str, ...]
    button: str
    done: str
    field: str = ""
    label: str = ""
    hint: str = ""


CONFIRMATIONS: dict[str, Confirmation] = {
    "refresh": Confirmation(
        Step.REFRESHED,
        May.PREPARE_REPORTS,
        "Refresh the figures",
        ("The figures will be taken again from everything recorded until now. The narrative stays as it is.",),
        "Refresh the figures",
        "The figures are taken again, as they are known now.",
    ),
    "send": Confirmation(
        Step.SENT,
        May.PREPARE_REPORTS,
        "Send to the Board",
        (
            "The Board’s members can then read it, and the chair can approve it or return it.",
            "The chair is told by e-mail.",
        ),
        "Send to the Board",
        "The report is with the Board.",
    ),
    "return": Confirmation(
        Step.RETURNED,
        May.APPROVE_REPORTS,
        "Return with comments",
        ("The report goes back to the secretariat as a draft.",),
        "Return the report",
        "The report is returned to the secretariat.",
        "comments",
        "What do you want changed?",
    ),
    "approve": Confirmation(
        Step.APPROVED,
        May.APPROVE_REPORTS,
        "Approve the report",
        ("The secretariat can then issue it. Its figures and narrative can no longer be changed.",),
        "Approve the report",
        "The report is approved.",
    ),
    "issue": Confirmation(
        Step.ISSUED,
        May.PREPARE_REPORTS,
        "Issue the report",
        (
            "The report is frozen as it is and released: everybody can read its public version, without signing in.",
            "The Board’s members are told by e-mail.",
        ),
        "Issue the report",
        "The report is issued.",
    ),
    "restate": Confirmation(
        Step.DRAFTED,
        May.PREPARE_REPORTS,
        "Restate the report",
        (
            "Another version is drafted from everything recorded until now.",
            "The issued one stays in its place until the new one is issued, and is kept after that.",
        ),
        "Draft another version",
        "Another version is drafted.",
        "reason",
        "Why is it restated?",
        "One or two sentences, printed in the report",
    ),
}


def _take(step: str, asked: Asked, month: Month) -> None:
    """Carry a confirmed step out."""
    who: dict[str, Any] = {"by": asked.by, "at": asked.at}
    told = {**who, "url": asked.settings.url}
    match step:
        case "refresh":
            commands.refresh_figures(asked.session, month, **who)
        case "send":
            commands.send_to_board(asked.session, month, **told)
        case "return":
            commands.return_with_comments(asked.session, month, forms.read(commands.NewReturn, asked.typed), **who)
        case "approve":
            commands.approve(asked.session, month, **who)
        case "issue":
            commands.issue(asked.session, month, **told)
        case "restate":
            commands.restate(asked.session, month, forms.read(commands.NewRestatement, asked.typed), **who)


def _confirmation(step: str, confirmed: Confirmation) -> list[HTTPRouteHandler]:
    """The page that asks about a step and the form that takes it."""
    path = f"/board-reports/{{month:str}}/{step}"

    def asks(asked: Asked) -> Page:
        month = month_of(asked)
        asked.by.acting(confirmed.may)
        version = queries.newest(asked.session, month)
        if not queries.visible(asked.by, [version]):
            raise queries.nothing_to_read(month, asked.by)
        shows = {"version": version, "asks": confirmed, "dates": queries.days_in_words(version)}
        return Page("board_reports/confirm.html", {**shows, "back": f"/board-reports/{month}"})

    def takes(asked: Asked) -> Redirect:
        month = month_of(asked)
        _take(step, asked, month)
        return Redirect(f"/board-reports/{month}" + ("/draft" if step == "restate" else ""), confirmed.done)

    asks.__doc__ = f"Ask before: {confirmed.heading.lower()}."
    takes.__doc__ = f"{confirmed.heading}."
    asking = ask(path, may=confirmed.may, of="Board report")(asks)
    return [asking, form(path, may=confirmed.may, of="Board report", asks=asking)(takes)]


@ask("/board-reports/new", may=May.PREPARE_REPORTS, of="Board report")
def new_report(asked: Asked) -> Page:
    """Ask which month to draft a report for."""
    due = [str(month) for month in queries.months_due(asked.session, asked.as_at.on)]
    return Page(
        "board_reports/new_report.html", {"typed": {"month": due[0] if due else str(Month.of(asked.as_at.on).previous)}}
    )


@form("/board-reports/new", may=May.PREPARE_REPORTS, of="Board report", asks=new_report)
def draft(asked: Asked) -> Redirect:
    """Draft a month's report."""
    month = Month.parse(forms.read(commands.NewReport, asked.typed).month)
    commands.draft(asked.session, month, by=asked.by, at=asked.at)
    return Redirect(f"/board-reports/{month}/draft", f"The report for {month.in_words} is drafted.")


@ask("/board-reports/{month:str}/narrative/{section:str}", may=May.PREPARE_REPORTS, of="Board report")
def passage(asked: Asked) -> Page:
    """Show what is written in a section, to write on; when it was changed meanwhile, also what it was changed to."""
    month, name = month_of(asked), str(asked.sent.path["section"])
    section = rules.SECTIONS.get(name)
    if section is None:
        raise NotFound("A report has no such section.")
    version = queries.newest(asked.session, month)
    rules.check_writable(version.state, month)
    saved = queries.narrative(asked.session, month, version.version)[name]
    typed = {"text": saved.text, "edits": str(saved.edits), "section": name}
    changed = asked.typed.get("edits", str(saved.edits)) != str(saved.edits)
    shows = {
        "month": month,
        "section": section,
        "saved": saved,
        "changed": changed,
        "public": section.audience is rules.Audience.PUBLIC,
        "names": access.names(asked.session),
        "typed": typed,
        "back": f"/board-reports/{month}/draft",
    }
    return Page("board_reports/passage.html", shows)


@form("/board-reports/{month:str}/narrative/{section:str}", may=May.PREPARE_REPORTS, of="Board report", asks=passage)
def write(asked: Asked) -> Redirect:
    """Save what is written in a section."""
    month = month_of(asked)
    new = forms.read(commands.NewPassage, {**asked.typed, "section": str(asked.sent.path["section"])})
    commands.write_narrative(asked.session, month, new, by=asked.by, at=asked.at)
    return Redirect(f"/board-reports/{month}/draft", f"“{rules.SECTIONS[new.section].heading}” is saved.")


@ask("/rounds/new", may=May.PREPARE_REPORTS, of="rounds")
def new_round(asked: Asked) -> Page:
    """Ask which month is the first to be reported on."""
    return Page("board_reports/new_round.html")


@form("/rounds/new", may=May.PREPARE_REPORTS, of="rounds", asks=new_round)
def open_first_round(asked: Asked) -> Redirect:
    """Open the first round."""
    month = Month.parse(forms.read(commands.NewRound, asked.typed).month)
    commands.open_first_round(asked.session, month, by=asked.by, at=asked.at)
    return Redirect("/rounds", f"The rounds are open from {month.in_words}.")


routes = [
    *[route for step, confirmed in CONFIRMATIONS.items() for route in _confirmation(step, confirmed)],
    new_report,
    draft,
    passage,
    write,
    new_round,
    open_first_round,
]
