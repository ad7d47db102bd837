"""The `improvement` command: every verb of the service, for operators and scripts."""

import sys
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from improvement import dates
from improvement.access import commands as access
from improvement.access import rules as access_rules
from improvement.access.rules import SERVICE, Role
from improvement.cli import returns
from improvement.cli.opening import AS_AT, Group, as_at_of, opened
from improvement.money import in_pounds
from improvement.settings import Settings

PAGE = 1000
"""How many entries of the ledger are read at once."""


@click.group(cls=Group)
@click.version_option(package_name="improvement")
def main() -> None:
    """The improvement tracker: funding, local accounts, concerns and the Board's report."""


main.add_command(returns.group)


@main.command()
@click.option("--demo", is_flag=True, help="Load the made-up, clearly labelled year 2011/12 first.")
def run(demo: bool) -> None:
    """Migrate, seed, serve and work, all in one process."""
    from improvement import serving

    settings = Settings.read()
    serving.prepare(settings, demonstration=demo)
    serving.serve(settings, works=True)


@main.command()
@click.option("--workers", default=1, show_default=True, help="Processes; more than one needs PostgreSQL.")
def serve(workers: int) -> None:
    """Serve the web pages and the API, and do no due work."""
    from improvement import serving

    with opened() as (settings, _):
        pass
    serving.serve(settings, works=False, workers=workers)


@main.command()
@click.option("--once", is_flag=True, help="Do what is due now, then stop.")
def worker(once: bool) -> None:
    """Do due work, and nothing else: write reports, send mail. Needs PostgreSQL unless --once."""
    from improvement import serving

    with opened() as (settings, database):
        serving.work(settings, database, once=once)


@main.command()
@click.option("--to", "revision", default="head", help="The revision to go to; the newest by default.")
def migrate(revision: str) -> None:
    """Bring the database to this release."""
    from improvement import serving

    serving.migrate(Settings.read(), revision)


@main.command()
@click.option("--apply", is_flag=True, help="Record the differences between the reference files and the database.")
def seed(apply: bool) -> None:
    """Load the reference data, or say how it differs from what was loaded."""
    from improvement import serving

    with opened() as (_, database):
        said = serving.seed(database, apply=apply)
    for sentence in said:
        click.echo(sentence)
    if said and not apply:
        click.echo("Nothing was changed. To record these differences: improvement seed --apply")


@main.command()
def demo() -> None:
    """Load the demonstration year into an empty database."""
    from improvement import serving

    with opened() as (_, database):
        serving.load_demonstration(database)


@main.group()
def person() -> None:
    """People and their roles."""


@person.command("add")
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", required=True, type=click.Choice([role.value for role in Role if role is not Role.SERVICE]))
@click.option("--region", help="For a coordinator: the region's slug, such as london.")
@click.option("--council", help="For an officer: the council's slug, such as brent.")
def add(email: str, name: str, role: str, region: str | None, council: str | None) -> None:
    """Add somebody, or give another role to somebody already here."""
    from improvement.people import commands as people

    new = people.NewPerson(email=email, name=name, role=Role(role), region=region, council=council)
    with opened() as (_, database), database.writing() as session:
        people.invite(session, new, by=SERVICE, at=dates.now())


@person.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Add the people in a CSV with the columns email, name, role, region, council: all or none."""
    from improvement.people import commands as people

    with opened() as (_, database), database.writing() as session:
        added = people.invite_all(session, people.as_text(file.read_bytes()), by=SERVICE, at=dates.now())
    click.echo(f"{added} added.")


@person.command("list")
@click.option("--seen", default="", type=click.Choice(["", "never", "90 days", "not reached"]), help="Only those.")
def list_(seen: str) -> None:
    """Print who is here, with the day each last signed in, as CSV."""
    from improvement.people.queries import Listed, Wanted, listed, printed
    from improvement.web.lists import as_csv

    with opened() as (_, database), database.reading() as session:
        rows = listed(session, Wanted(seen=seen), dates.london_day(dates.now()))
    click.echo(as_csv(Listed.__struct_fields__, printed(rows)), nl=False)


@main.group()
def contacts() -> None:
    """Whom to write to in each council."""


@contacts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_contacts(file: Path) -> None:
    """Load contacts from a CSV with the columns council, post, name, email: all or none."""
    from improvement.people.commands import as_text
    from improvement.sector import commands as sector

    with opened() as (_, database), database.writing() as session:
        loaded = sector.load_contacts(session, as_text(file.read_bytes()), by=SERVICE)
    click.echo(f"{loaded} loaded.")


@main.command()
@click.argument("email")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 366))
def token(email: str, days: int) -> None:
    """Print a personal token for the API."""
    with opened() as (_, database), database.writing() as session:
        click.echo(access.make_token(session, email, days, at=dates.now()))


@main.command("sign-in-link")
@click.argument("email")
def sign_in_link(email: str) -> None:
    """Print a link that signs somebody in once, from any browser, for 15 minutes."""
    with opened() as (settings, database), database.writing() as session:
        access.find_person(session, access_rules.tidy_email(email))
        made = access.ask_for_link(session, email, browser=None, onward="/", at=dates.now())
        click.echo(f"{settings.url}/sign-in/link/{made.secret}")


@main.command("board-report")
@click.argument("month")
@click.option("--verify", is_flag=True, help="Recompute it from the facts and compare every figure.")
def board_report(month: str, verify: bool) -> None:
    """Draft a month's Board report if there is none, and print its state; MONTH is written 2011-12."""
    from improvement.board_reports import commands as reports

    which = dates.Month.parse(month)
    with opened() as (_, database):
        if verify:
            with database.reading() as session:
                differences = reports.verify(session, which)
            for line in differences or ["identical"]:
                click.echo(line)
            sys.exit(1 if differences else 0)
        with database.writing() as session:
            click.echo(reports.draft_if_none(session, which, by=SERVICE, at=dates.now()))


@main.group()
def funding() -> None:
    """The money: lines, ledger and grants as files, and bank statements."""


@funding.command("lines")
@AS_AT
def funding_lines(day: str) -> None:
    """Print every funding line and what is unallocated, as CSV in pence."""
    from improvement.funding import queries
    from improvement.funding.book import Position
    from improvement.web.lists import as_csv

    with opened() as (_, database), database.reading() as session:
        rows = queries.lines(session, as_at_of(day))
    click.echo(as_csv(Position.__struct_fields__, map(msgspec.structs.astuple, rows)), nl=False)


@funding.command("ledger")
@AS_AT
def funding_ledger(day: str) -> None:
    """Print everything that was recorded about the money of the MoU of the day, newest first, as JSON lines."""
    from improvement.funding import ledger, queries

    with opened() as (_, database), database.reading() as session:
        when, after = as_at_of(day), None
        mou = queries.which_mou(session, when)
        while found := ledger.entries(session, when, mou, after=after, limit=PAGE):
            for entry in found:
                click.echo(msgspec.json.encode(entry))
            after = found[-1].seq


@funding.command("grants")
@AS_AT
def funding_grants(day: str) -> None:
    """Print what was awarded and paid to the regions, as 360Giving JSON."""
    from improvement.database import is_demonstration
    from improvement.funding import giving
    from improvement.funding.queries.giving import awards

    with opened() as (settings, database), database.reading() as session:
        when = as_at_of(day)
        made_up, prefix = is_demonstration(session), settings.giving_prefix
        package = giving.package(awards(session, when), settings.url, when.on, made_up, prefix)
    click.echo(giving.as_json(package))


@funding.command("statement")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--by", "email", required=True, help="Who reads it: somebody of the secretariat, by e-mail address.")
@click.option("--keep", is_flag=True, help="Keep it, each line with what it was matched to.")
def funding_statement(file: Path, email: str, keep: bool) -> None:
    """Match the lines of a bank statement (CSV) to what was recorded; print them, and keep them when asked."""
    from improvement.funding.commands import reconciling

    with opened() as (_, database), database.writing() as session:
        by = access.find_person(session, access_rules.tidy_email(email))
        prepared = reconciling.prepare(session, file.name, file.read_bytes(), by=by, at=dates.now())
        for line in prepared.lines:
            match = prepared.matches.get(line.row)
            said = f"{match.how}: {match.fact.kind}, {match.fact.on}" if match else "not matched"
            click.echo(f"{line.row}\t{line.on}\t{in_pounds(line.amount_pence)}\t{line.text}\t{said}")
        if keep:
            reconciling.keep(session, prepared, by=by, at=dates.now())
    click.echo("Kept." if keep else "Nothing was kept. To keep it: --keep", err=True)


@main.command()
@click.option("--day", default="", help="The day, written 2011-12-01; today by default.")
@click.option("--preview", is_flag=True, required=True, help="Only print: the worker sends them on the day itself.")
def reminders(day: str, preview: bool) -> None:
    """Print the reminders that would be written on a day, from what is known now."""
    from improvement.notices import queries, rules

    on = dates.parse_day(day) if day else dates.london_day(dates.now())
    with opened() as (settings, database), database.reading() as session:
        found = queries.digests(session, on)
    for one in found if preview else ():
        click.echo(f"To {one.address}: {rules.subject(one)}\n\n{rules.preview(one, settings.url)}")
    click.echo(f"{len(found)} would be written. Nothing was sent.", err=True)


@main.command()
def bounced() -> None:
    """Read a delivery report (RFC 3464) from the standard input: note that the message it answers did not arrive."""
    from improvement.mail import arrival, bounces

    answer = bounces.read(sys.stdin.buffer.read(bounces.MOST + 1))
    with opened() as (_, database), database.writing() as session:
        click.echo(arrival.note(session, answer, dates.now()))


@main.command()
def check() -> None:
    """Verify every always-true rule over the whole database; exit 1 with what is wrong."""
    from improvement import serving

    with opened() as (_, database):
        wrong = serving.check(database)
    for sentence in wrong:
        click.echo(sentence)
    click.echo("everything holds" if not wrong else f"{len(wrong)} wrong", err=True)
    sys.exit(1 if wrong else 0)


@main.command()
@click.option("--canonical", is_flag=True, help="Every fact as sorted JSON lines, and nothing else.")
def dump(canonical: bool) -> None:
    """Print the facts."""
    from improvement import upkeep

    with opened() as (_, database), database.reading() as session:
        if not canonical:
            click.echo(f"{sum(1 for _ in upkeep.dump(session))} facts. To print them: improvement dump --canonical")
            return
        for line in upkeep.dump(session):
            click.echo(line)


@main.command()
@click.option("--json", "as_json", is_flag=True)
def routes(as_json: bool) -> None:
    """Print every route: method, path, permission, kind of object."""
    from improvement.access.routes import declared
    from improvement.app import routes as all_routes

    rows = sorted((one.path, one.method, one.may.value, one.of) for one in map(declared, all_routes()))
    if as_json:
        shaped = [{"method": method, "path": path, "permission": may, "kind": of} for path, method, may, of in rows]
        click.echo(msgspec.json.format(msgspec.json.encode(shaped)).decode())
        return
    table = Table("Method", "Path", "Permission", "Kind of object")
    for path, method, may, of in rows:
        table.add_row(method, path, may, of)
    Console().print(table)


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
def backup(path: Path) -> None:
    """Copy the whole database to PATH while it is in use."""
    from improvement import upkeep

    with opened() as (_, database):
        upkeep.backup(database, path)
    click.echo(f"Kept in {path}.")


@main.command()
@click.argument("path", type=click.Path(path_type=Path))
def restore(path: Path) -> None:
    """Put the backup at PATH in the place of an empty database."""
    from improvement import serving, upkeep

    settings = Settings.read()
    upkeep.all_tables()
    upkeep.restore(settings.database_url, path)
    serving.hold_back_reminders(settings)
    click.echo(f"Restored from {path}. Check it: improvement check")
