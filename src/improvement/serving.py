"""Running the service: preparing its database, serving it, and doing due work beside it or apart from it."""

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import structlog
import uvicorn
from sqlalchemy.orm import Session

from improvement import dates, documents, mail, schedule, upkeep
from improvement.access import commands as access
from improvement.access import queries as access_queries
from improvement.access.rules import SERVICE, Role
from improvement.app import create_app
from improvement.board_reports import commands as report_commands
from improvement.board_reports import queries as reports
from improvement.concerns import queries as concerns
from improvement.database import Database, is_demonstration, last_recorded_at, last_seq
from improvement.funding import commands as funding
from improvement.funding import queries as funding_queries
from improvement.local_accounts import commands as local_accounts
from improvement.local_accounts import queries as local_account_queries
from improvement.mail import arrival, sending
from improvement.notices import commands as notice_commands
from improvement.notices import queries as notices
from improvement.sector import commands as sector
from improvement.settings import Settings
from improvement.upkeep import CannotKeep
from improvement.web import letters
from improvement.web.shield import Shield

KEEPER = """
import json, sys, uvicorn
uvicorn.run("improvement.serving:application", factory=True, **json.loads(sys.argv[1]))
"""
WRITTEN_LAST = "reminders-written"
"""The file beside the database with the key of the reminders written last."""
EVERY = 60
"""How often, in seconds, the worker looks for what is due."""


def migrate(settings: Settings, revision: str = "head") -> None:
    """Bring the database to a revision, making it and its folder when there is none."""
    settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    upkeep.all_tables()
    database = Database(settings.database_url)
    try:
        upkeep.migrate(database, revision)
    finally:
        database.close()
    if settings.embedded:
        file = settings.folder / "improvement.db"
        if file.exists():
            file.chmod(0o600)


def seed(database: Database, *, apply: bool = False, known_accounts: bool = True) -> list[str]:
    """Load the reference data; the first time also the money under negotiation and what is publicly known."""
    at, folder = dates.now(), upkeep.kept_in("seed")
    with database.writing() as session:
        first = last_seq(session)[0] == 0
        said = sector.seed_sector(session, folder, apply=apply, at=at)
        if first:
            local_accounts.set_year(
                session, local_account_queries.FIRST_YEAR, date(2011, 12, 31), at=dates.FROM_THE_BEGINNING
            )
        session.flush()
        if first and known_accounts:
            funding.first_mou(session, at=at)
            local_accounts.load_known_accounts(session, folder / "known_accounts_2011.csv", at=at)
    return said


def load_demonstration(database: Database) -> None:
    """Load the demonstration year. Raises `CannotKeep` when the database holds anything real."""
    from improvement.demonstration import loading

    with database.reading() as session:
        if is_demonstration(session):
            return
        if last_recorded_at(session).year > dates.FROM_THE_BEGINNING.year:
            raise CannotKeep(
                "This database holds real facts, and a demonstration is kept apart. Give another folder, such as "
                "IMPROVEMENT_DATA=./var-demonstration, and start again."
            )
    seed(database, known_accounts=False)
    loading.load(database)


def prepare(settings: Settings, *, demonstration: bool) -> None:
    """Everything before serving: the database as this release expects it, with what it begins with."""
    migrate(settings)
    database = Database(settings.database_url)
    try:
        if demonstration:
            load_demonstration(database)
        seed(database)
        _greet(settings, database)
    finally:
        database.close()


def _greet(settings: Settings, database: Database) -> None:
    """Say where the tracker is and how to sign in."""
    with database.writing() as session:
        lines = [f"The tracker is at {settings.url}"]
        if is_demonstration(session):
            made = access.ask_for_link(session, "secretariat@demo.example", browser=None, onward="/", at=dates.now())
            lines += [
                "It shows a demonstration: real councils, made-up statuses, dates, money and concerns.",
                f"Sign in as its secretariat (once, within 15 minutes): {settings.url}/sign-in/link/{made.secret}",
                f"Or ask for a link at {settings.url}/sign-in and find it at {settings.url}/dev/outbox",
            ]
        elif not access_queries.has_any(session, Role.SECRETARIAT):
            lines += [
                "Nobody can sign in yet. In another window, add yourself and print a link:",
                '  .venv/bin/improvement person add you@example.gov.uk --name "Your name" --role secretariat',
                "  .venv/bin/improvement sign-in-link you@example.gov.uk",
            ]
        else:
            lines += [f"Ask for a link to sign in at {settings.url}/sign-in"]
            if not settings.smtp_url:
                lines += ["No mail server is set: messages are printed here."]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def reports_due(session: Session, at: datetime) -> list[schedule.Due]:
    """The Board reports to write now, each with its key."""
    months = reports.months_due(session, dates.london_day(at))
    return [schedule.Due(f"board-report:{month}", partial(_write_report, month)) for month in months]


def _write_report(month: dates.Month, session: Session, at: datetime) -> None:
    report_commands.draft_if_none(session, month, by=SERVICE, at=at)


def reminders_due(settings: Settings) -> schedule.Finder:
    """Finds today's reminders, once it is time for them. Missed days are not caught up.

    A database that was put back by hand does not know that today's were sent: beside it stands a note that they were.
    """

    def write(session: Session, at: datetime) -> None:
        notice_commands.write_reminders(session, settings, at=at)

    def find(session: Session, at: datetime) -> list[schedule.Due]:
        key = notices.due(session, at)
        return [schedule.Due(key, write)] if key and key != _written_last(settings) else []

    return find


def _written_last(settings: Settings) -> str:
    """The key of the reminders that were written last from this folder, whatever database is in it now."""
    with suppress(OSError):
        return (settings.folder / WRITTEN_LAST).read_text(encoding="utf-8").strip()
    return ""


def note_written(settings: Settings, done: list[str]) -> None:
    """Keep beside the database which day's reminders were written. A folder that cannot be written to has none."""
    for key in done:
        if key.startswith("reminders:"):
            with suppress(OSError):
                (settings.folder / WRITTEN_LAST).write_text(f"{key}\n", encoding="utf-8")


def hold_back_reminders(settings: Settings) -> None:
    """After a restored backup: what may have been sent since it was made is not sent again, nor anything today."""
    database = Database(settings.database_url)
    try:
        if upkeep.is_current(database):
            with database.writing() as session:
                notice_commands.hold_back(session, dates.now())
    finally:
        database.close()


def check(database: Database) -> list[str]:
    """Everything wrong in the database, one sentence each."""
    rules: dict[str, upkeep.Check] = {
        "documents": documents.wrong,
        "local accounts": local_accounts.wrong,
        "funding": funding_queries.wrong,
        "concerns": concerns.wrong,
        "Board reports": report_commands.wrong,
    }
    with database.reading() as session:
        return upkeep.check(session, rules)


def serve(settings: Settings, *, works: bool, workers: int = 1) -> None:
    """Serve until told to stop; requests already sent get their answers."""
    if workers > 1 and settings.embedded:
        raise CannotKeep("More than one web process needs PostgreSQL. Set IMPROVEMENT_DATABASE_URL, or use one.")
    if workers > 1:
        # What keeps the web processes needs none of this package: giving way to it saves the memory of one of them.
        told = json.dumps({**_listening(settings), "workers": workers})
        os.execv(sys.executable, [sys.executable, "-c", KEEPER, told])
    set_up_logs()
    database, stop = Database(settings.database_url), threading.Event()
    worker = threading.Thread(target=_keep_working, args=(settings, database, stop), daemon=True)
    adding = threading.Thread(target=_add_up, args=(database, stop), daemon=True)
    try:
        adding.start()
        if works:
            worker.start()
        uvicorn.run(create_app(settings, database), **_listening(settings))
    finally:
        stop.set()
        adding.join(timeout=10)
        if works:
            worker.join(timeout=10)
        database.close()


def application() -> Shield:
    """The application of one web process among several."""
    set_up_logs()
    settings = Settings.read()
    upkeep.all_tables()
    database = Database(settings.database_url)
    threading.Thread(target=_add_up, args=(database, threading.Event()), daemon=True).start()
    return create_app(settings, database)


def _add_up(database: Database, stop: threading.Event) -> None:
    """Add the money up before anybody asks: as it is now, and then as it was at moments back to the first."""
    try:
        with database.reading() as session:
            moments = funding_queries.add_all_up(session)
        for mou, seq in moments:
            if stop.is_set():
                return
            with database.reading() as session:
                funding_queries.add_up(session, mou, seq)
    except Exception:  # whoever asks will have it added up, and hear what is wrong
        logging.getLogger("improvement").exception("the money could not be added up at the start")


def _listening(settings: Settings) -> dict[str, Any]:
    return {
        "host": settings.host,
        "port": settings.port,
        "log_config": None,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": 15,
        "timeout_graceful_shutdown": 25,
        "h11_max_incomplete_event_size": 32_768,
    }


def work(settings: Settings, database: Database, *, once: bool) -> None:
    """Do due work, once or until stopped."""
    if once:
        _work_once(settings, database, dates.now())
        return
    if settings.embedded:
        raise CannotKeep(
            "On SQLite the worker is part of “improvement run”. On its own it needs PostgreSQL, or --once."
        )
    set_up_logs()
    _keep_working(settings, database, threading.Event())


def _keep_working(settings: Settings, database: Database, stop: threading.Event) -> None:
    printed = _newest_message(database)
    next_look = dates.now()
    while not stop.is_set():
        at = dates.now()
        try:
            if at >= next_look:
                _work_once(settings, database, at)
                next_look = at + timedelta(seconds=EVERY)
            if not settings.smtp_url:
                printed = _print_messages(database, printed)
        except Exception:  # the worker outlives whatever went wrong, and says so
            logging.getLogger("improvement").exception("the worker could not do its round")
        stop.wait(2)


def _work_once(settings: Settings, database: Database, at: datetime) -> None:
    note_written(settings, schedule.work(database, [reports_due, reminders_due(settings)], at))
    with database.writing() as session:
        notice_commands.keep_what_became(session, at)
        arrival.settle(session, at)
        access.clear_out(session, at)
    if settings.smtp_url:
        post = sending.Post(settings.smtp_url, settings.mail_from, settings.mail_bounces, letters.as_page)
        sending.send_waiting(database, post)


def _newest_message(database: Database) -> int:
    with database.reading() as session:
        return max((row.id for row in mail.newest(session, 1)), default=0)


def _print_messages(database: Database, printed: int) -> int:
    with database.reading() as session:
        fresh = [row for row in mail.newest(session) if row.id > printed][::-1]
        for row in fresh:
            sys.stdout.write(f"\nTo {row.to}: {row.subject}\n{row.body}\n")
        sys.stdout.flush()
        return max((row.id for row in fresh), default=printed)


def set_up_logs() -> None:
    """One JSON object a line, on the error stream."""
    shared: list[Callable[..., object]] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,  # type: ignore[arg-type]
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],  # type: ignore[list-item]
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
