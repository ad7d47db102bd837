"""`improvement return`: the return of local accounts as a workbook, downloaded, checked and taken in."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from sqlalchemy.orm import Session

from improvement import dates
from improvement.access import commands as access
from improvement.access import rules as access_rules
from improvement.access.rules import SERVICE, Person
from improvement.cli.opening import AS_AT, Group, as_at_of, opened
from improvement.dates import ProgrammeYear
from improvement.errors import NotFound
from improvement.upkeep import CannotKeep

if TYPE_CHECKING:
    from improvement.local_accounts.commands.return_rows import ReturnRead
    from improvement.local_accounts.commands.returns import Plan

FILE = click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
YEAR = click.option("--year", default="", help="The programme year, written 2011-2012; the newest by default.")
OLDER = click.option("--older", is_flag=True, help="A CSV from an older Excel, in Windows-1252.")
AS = click.option("--as", "email", default="", help="Whose return it is, by e-mail address; by default, of everybody.")


@click.group("return", cls=Group)
def group() -> None:
    """The return of local accounts: a workbook with what is known, to fill in and take in."""


@group.command("download")
@click.option("--region", default="", help="The region's slug, such as london.")
@click.option("--council", default="", help="The council's slug, such as brent.")
@YEAR
@AS_AT
@AS
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def download(region: str, council: str, year: str, day: str, email: str, file: Path) -> None:
    """Write the return of a region, or of one council, to FILE.xlsx."""
    from improvement.database import is_demonstration
    from improvement.local_accounts import workbook
    from improvement.local_accounts.queries import returns as told
    from improvement.web.workbook import About

    if bool(region) == bool(council):
        raise click.UsageError("Give either --region or --council.")
    if file.exists():
        raise CannotKeep(f"{file} is there already. Give a name that is not taken.")
    if not file.parent.is_dir():
        raise CannotKeep(f"There is no folder {file.parent}.")
    with opened() as (settings, database), database.reading() as session:
        when, which, at = as_at_of(day), _year(session, year), dates.now()
        mine = told.own_councils(session, which, _person(session, email), region, council)
        ledger = told.ledger(session, which)
        about = About(
            what=workbook.WHAT,
            as_at=when,
            made_on=dates.london_day(at),
            address=f"{settings.url}/local-accounts/{which}/return.xlsx?"
            + (f"region={region}" if region else f"council={council}"),
            demonstration=is_demonstration(session),
        )
        lines = [(one, ledger.line(one.slug, as_at=when)) for one in mine]
        made = workbook.made(which, about, lines, looked_back=when != dates.AsAt(dates.london_day(at)))
    file.write_bytes(made)
    click.echo(f"{_counted(len(mine), 'council')} in {file}.", err=True)


@group.command("check")
@FILE
@YEAR
@OLDER
@AS
def check(file: Path, year: str, older: bool, email: str) -> None:
    """Print what FILE would change, and every mistake by sheet, cell and reason; nothing is recorded.

    Exit status: 0 it can be taken in; 1 there is something to put right or to choose.
    """
    with opened() as (_, database), database.reading() as session:
        done = _take(session, _sent(session, file, year, older, email))
    click.echo("Nothing was recorded.", err=True)
    raise click.exceptions.Exit(0 if done else 1)


@group.command("apply")
@FILE
@click.option("--as", "email", required=True, help="Who sends it, by e-mail address.")
@click.option(
    "--meanwhile",
    default="",
    type=click.Choice(["", "tracker", "file"]),
    help="Where somebody else has changed a fact since: keep what the tracker has, or take what the file has.",
)
@click.option(
    "--editions",
    default="",
    type=click.Choice(["", "later", "first"]),
    help="Where a row may be of a later edition: record it as one, or correct the first publication.",
)
@YEAR
@OLDER
def apply(file: Path, email: str, meanwhile: str, editions: str, year: str, older: bool) -> None:
    """Record everything FILE changes, or nothing.

    Exit status: 0 recorded; 1 nothing was, and why is printed.
    """
    with opened() as (_, database):
        # A file takes a while to open, and nobody waits for it: that is before the writer's turn.
        with database.reading() as session:
            sent = _sent(session, file, year, older, email)
        with database.writing() as session:
            if not _take(session, sent, meanwhile, editions):
                click.echo("Nothing was recorded.", err=True)
                # Out of the transaction: what the rows without a mistake would change is not kept either.
                raise click.exceptions.Exit(1)
    click.echo("Recorded.", err=True)


class Sent(NamedTuple):
    """A return as it was read, and whose it is."""

    which: ProgrammeYear
    by: Person
    read: "ReturnRead"


def _sent(session: Session, file: Path, year: str, older: bool, email: str) -> Sent:
    from improvement.local_accounts.commands import return_files

    which, by = _year(session, year), _person(session, email)
    return Sent(which, by, return_files.read_file(session, which, file.read_bytes(), by=by, older=older))


def _person(session: Session, email: str) -> Person:
    return access.find_person(session, access_rules.tidy_email(email)) if email else SERVICE


def _year(session: Session, text: str) -> ProgrammeYear:
    """The programme year that is meant. Raises `NotADate` or `NotFound`."""
    from improvement.local_accounts import queries
    from improvement.local_accounts.queries import programme

    newest = programme.newest_begun(session, dates.AsAt(dates.london_day(dates.now())))
    which = ProgrammeYear.parse(text) if text else newest
    if which is None:
        raise NotFound("No programme year has been set up yet.")
    return queries.year(session, which).year


def _take(session: Session, sent: Sent, meanwhile: str = "", editions: str = "") -> bool:
    """Do what a file says by the commands of the pages, and print it. Whether all of it can stand."""
    from improvement.local_accounts import queries
    from improvement.local_accounts.commands import return_files
    from improvement.local_accounts.commands import returns as commands

    which, by, read = sent
    met = commands.crossings(session, which, read.rows)
    chosen = {each.name for each in met if meanwhile == "file"}
    chosen |= {f"edition-{row.council}-{editions}" for row in read.rows}
    plan = commands.take(session, which, read.rows, frozenset(chosen), by=by, at=dates.now())
    names = {one.slug: one.name for one in queries.expected(session, which)}
    for note in return_files.notes_of(read):
        _print("note", note)
    wrong = return_files.in_order([*read.mistakes, *plan.mistakes])
    for mistake in wrong:
        council = names.get(mistake.council, "Not known")
        _print("wrong", read.sheet, mistake.cell or "Row", council, mistake.sentence)
    _print_plan(plan, names, meanwhile)
    counted = f"{_counted(plan.recorded, 'council')} changed, {_counted(plan.unchanged, 'row')} as known already"
    click.echo(f"{counted}, {_counted(len(wrong), 'cell')} to put right.", err=True)
    return not wrong and not _asks(plan, meanwhile)


def _print_plan(plan: "Plan", names: Mapping[str, str], meanwhile: str) -> None:
    for met in plan.crossings:
        stands = "the file’s is taken" if met.mine else "the tracker’s stands" if meanwhile or not met.open else "?"
        _print("meanwhile", names[met.council], *_fact(met.met.field, met.met.theirs, met.met.mine), stands)
    for edition in plan.editions:
        _print(
            "edition",
            names[edition.council],
            edition.says["title"],
            edition.says["published_on"],
            edition.chosen or "?",
        )
    for change in plan.changes:
        _print("change", names[change.council], *_fact(change.field, change.now, change.then))


def _asks(plan: "Plan", meanwhile: str) -> bool:
    """Whether somebody has to choose first; which option chooses is said."""
    met = not meanwhile and any(each.open for each in plan.crossings)
    if met:
        click.echo("Somebody changed some facts meanwhile. Say which stand: --meanwhile tracker, or file.", err=True)
    unsaid = any(not each.chosen for each in plan.editions)
    if unsaid:
        click.echo("Some rows may be of a later edition. Say what they are: --editions later, or first.", err=True)
    return met or unsaid


def _fact(field: str, before: str, after: str) -> tuple[str, str, str]:
    """A column of the return, what it says in the tracker, and what it says in the file."""
    from improvement.local_accounts.rules import returns as rules

    return rules.HEADINGS[field], rules.in_cell(field, before), rules.in_cell(field, after)


def _print(*said: str) -> None:
    """One thing a line, its parts with tabs between."""
    click.echo("\t".join(" ".join(part.split()) for part in said))


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
