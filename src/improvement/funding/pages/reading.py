"""Reading a bank statement, as pages: the file is sent, its lines are checked one by one, and only then kept.

Nothing is kept between the two: the check page sends the file back, and what it says is read and matched afresh.
"""

from base64 import b64decode, b64encode
from binascii import Error
from collections import defaultdict
from uuid import UUID

from improvement.access.asking import Asked
from improvement.access.routes import ask, form
from improvement.access.rules import May
from improvement.errors import NotFound, Refused
from improvement.funding import commands, queries
from improvement.funding.carrying import about
from improvement.funding.commands.reconciling import Prepared, keep, prepare
from improvement.funding.pages.reconciling import said, titles_of
from improvement.funding.rules.bank import BankLine
from improvement.funding.rules.reconciling import Match, Moved, options
from improvement.web.filters import one_of
from improvement.web.replies import Page, Redirect

MOST_CHOICES = 300
"""For how many lines somebody can choose what they show; the others keep what they were matched to."""


class NoFile(Refused):
    """A statement is read from a file."""


@ask("/funding/statements/new", may=May.MANAGE_MONEY, of="bank statement")
def new_statement(asked: Asked) -> Page:
    """Ask for the bank statement; when what was chosen for its lines is refused, show them again."""
    if asked.typed.get("sent"):
        return _check_page(asked, _prepared(asked))
    known = queries.mous(asked.session, asked.as_at)
    if not known:
        raise NotFound("No Memorandum of Understanding is known yet. Put one in negotiation first.")
    named = one_of(asked.typed, "mou") or asked.query.get("mou", "")
    shows = {
        "mous": [(slug, title) for slug, (title, _) in known.items()],
        "typed": {"mou": named},
        "dropped": bool(asked.sent.files.get("file")),
    }
    mou = queries.which_mou(asked.session, asked.as_at, named if named in known else "")
    return about(asked, mou, "funding/statement_form.html", shows)


@form("/funding/statements/new", may=May.MANAGE_MONEY, of="bank statement", asks=new_statement, takes_files=True)
def read_statement(asked: Asked) -> Page | Redirect:
    """Show each line with what it was matched to, and once that is checked keep the statement."""
    prepared = _prepared(asked)
    if asked.typed.get("checked") != "yes":
        return _check_page(asked, prepared)
    made = keep(
        asked.session, prepared, _choices(asked), note=one_of(asked.typed, "note")[:2000], by=asked.by, at=asked.at
    )
    ref, count = commands.paying.reference_of(asked.session, made), len(prepared.lines)
    return Redirect(f"/funding/statements/{ref}", f"{count} {'line is' if count == 1 else 'lines are'} read, as {ref}.")


def _prepared(asked: Asked) -> Prepared:
    """The statement as its file says: read afresh each time. Raises what reading it raises."""
    name, body = _body(asked)
    return prepare(asked.session, name, body, mou=one_of(asked.typed, "mou"), by=asked.by, at=asked.at)


def _body(asked: Asked) -> tuple[str, bytes]:
    """The name and the bytes of the file that was sent, or that the check page sent back. Raises `NoFile`."""
    files, back = asked.sent.files.get("file", []), one_of(asked.typed, "sent")
    if files:
        return files[0].name, files[0].body
    if back:
        return one_of(asked.typed, "name"), _decoded(back)
    raise NoFile("Choose the bank statement, a CSV file.", field="file")


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (Error, ValueError):
        raise NoFile("The statement did not come back whole. Choose the file again.", field="file") from None


def _choices(asked: Asked) -> dict[int, UUID | None]:
    """What was chosen for each line: a fact, or none. Raises `NotFound`."""
    chosen: dict[int, UUID | None] = {}
    for name, value in asked.typed.items():
        row = name.removeprefix("match-")
        if row != name and row.isascii() and row.isdigit() and len(row) < 10 and isinstance(value, str):
            chosen[int(row)] = _id(value) if value else None
    return chosen


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("There is no such entry. Open the statement again.") from None


def _check_page(asked: Asked, prepared: Prepared) -> Page:
    """Each new line with what it was matched to, and what else it could show."""
    lines, hows = prepared.lines, [match.how.value for match in prepared.matches.values()]
    shows = {
        "prepared": prepared,
        "rows": _rows(asked, prepared),
        "sent": b64encode(_body(asked)[1]).decode(),
        "counts": (hows.count("certain"), hows.count("likely"), len(lines) - len(hows)),
        "in_pence": sum(line.amount_pence for line in lines if line.amount_pence > 0),
        "out_pence": -sum(line.amount_pence for line in lines if line.amount_pence < 0),
        "read_with": sorted(set(prepared.before.values())),
    }
    return about(asked, prepared.mou, "funding/statement_check.html", shows)


def _rows(asked: Asked, prepared: Prepared) -> list[tuple[BankLine, Match | None, list[tuple[str, str]], str]]:
    """Each line, what it was matched to, what may be chosen instead, and what is chosen."""
    titles, rows, asking = titles_of(asked, prepared.mou), [], 0
    by_amount = defaultdict[int, list[Moved]](list)
    for fact in prepared.facts:
        by_amount[fact.amount_pence].append(fact)
    for line in prepared.lines:
        match, could_be = prepared.matches.get(line.row), options(line, by_amount.get(line.amount_pence, ()))
        several = dict.fromkeys([*([match.fact] if match else []), *could_be])
        asking += bool(several)
        choices = [(str(fact.id), said(fact, titles)) for fact in several] if asking <= MOST_CHOICES else []
        chosen = one_of(asked.typed, f"match-{line.row}") if "checked" in asked.typed else match and str(match.fact.id)
        rows.append((line, match, choices, chosen or ""))
    return rows


routes = [new_statement, read_statement]
