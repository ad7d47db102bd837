"""What the database picks of a long history is what reading the whole of it would find, at any two dates."""

from collections import defaultdict
from datetime import date
from typing import Any

from hypothesis import given
from sqlalchemy import select

from improvement.database import Database, known
from improvement.dates import AsAt
from improvement.local_accounts import queries
from improvement.local_accounts.queries import checks, extensions, readings, register
from improvement.local_accounts.rules import Sureness
from improvement.local_accounts.tables import AccountPublished, AccountSeen, StatusReported
from improvement.local_accounts.tables.checks import EntryChecked
from tests.local_accounts.people import DECEMBER, NOW, YEAR, Clerk
from tests.local_accounts.test_adding_up import COUNCILS, History, days, quickly, steps
from tests.visiting import Tracker


def the_long_way(session: Any, as_at: AsAt) -> dict[str, Any]:
    """Everything read, a fact at a time."""
    editions, looks, said = defaultdict[str, list[Any]](list), dict[str, str](), dict[Any, Any]()
    for fact in session.scalars(known(AccountPublished, as_at)):
        for slug in {fact.council, *fact.serves}:
            editions[slug].append(fact)
    for fact in session.scalars(known(AccountSeen, as_at)):
        if looks.get(fact.council) != Sureness.CONFIRMED:
            looks[fact.council] = fact.sureness
    for fact in sorted(session.scalars(known(EntryChecked, as_at)), key=lambda fact: fact.seq):
        said[fact.council, fact.by_council, fact.correct] = fact.seq
    newest: dict[str, int] = defaultdict(int)
    known_at = as_at.known_at
    for kind in (StatusReported, AccountPublished):
        told = {fact.id: fact for fact in session.scalars(select(kind)) if fact.effective_on <= as_at.on}
        for fact in told.values():
            if known_at is None or fact.recorded_at <= known_at:
                of = {one for each in (fact, told.get(fact.corrects)) if each for one in served(each)}
                newest |= {slug: max(newest[slug], fact.seq) for slug in of}
    return {"editions": editions, "looks": looks, "said": sorted(said.values()), "newest": dict(newest)}


def served(fact: Any) -> set[str]:
    return {fact.council, *getattr(fact, "serves", ())}


@quickly
@given(steps, days)
def test_the_database_picks_what_reading_everything_would_find(
    seeded: Database, told: list[tuple[Any, ...]], on: date
) -> None:
    history = History(seeded)
    instants = [history.at]
    for step in told:
        history.tell(*step)
        instants.append(history.at)
    for known_at in (None, *instants):
        as_at = AsAt(on, known_at)
        with seeded.reading() as session:
            model, stand = the_long_way(session, as_at), queries.standings(session, YEAR, as_at)
            decided = queries.deciding_facts(session, YEAR, as_at)
            entries = {one.council: one for one in register.register(session, YEAR, as_at)}
            found = checks.checks(session, YEAR, as_at).values()
            assert sorted(one.seq for looks in found for one in looks) == model["said"]
            assert {slug: one.seq for slug, one in checks.newest(session, YEAR, as_at).items()} == model["newest"]
            assert set(extensions.published_years(session, as_at)) == set(model["editions"])
            for slug in COUNCILS:
                editions = model["editions"][slug]
                if not editions:
                    assert stand[slug].published_on is None
                    continue
                first, newest = editions[0], editions[-1]
                assert (stand[slug].published_on, stand[slug].address) == (first.effective_on, first.address)
                assert (decided[slug].id, entries[slug].edition_on) == (first.id, newest.effective_on)
                assert entries[slug].address == newest.address
                assert stand[slug].sureness == (model["looks"].get(slug) or Sureness.REPORTED)
            formats = readings.format_counts(session, YEAR, as_at, COUNCILS)
            assert formats["not published"] == sum(not model["editions"][slug] for slug in COUNCILS)


def test_a_page_of_a_councils_history_has_the_newest_and_says_how_many_there_are(seeded: Database) -> None:
    clerk = Clerk(seeded)
    for day in range(1, 6):
        clerk.says(on=date(2011, 11, day))
    clerk.publishes()
    with seeded.reading() as session:
        whole = queries.history(session, YEAR, "brent", AsAt(NOW.date()))
        newest = queries.recent(session, YEAR, "brent", AsAt(NOW.date()), 3)
        earlier = queries.recent(session, YEAR, "brent", AsAt(date(2011, 11, 2)), 3)
    assert (newest.events, newest.total) == (whole[:3], 6)
    assert newest.events[0].effective_on == DECEMBER
    assert earlier.total == len(earlier.events) == 2


def test_a_councils_page_shows_the_newest_of_a_long_history_and_all_of_it_when_asked(tracker: Tracker) -> None:
    clerk = Clerk(tracker.database)
    for day in range(1, 23):
        clerk.says(on=date(2011, 11, day), note=f"Note {day}.")
    visitor, here = tracker.signed_in("coordinator", region="london"), "/local-accounts/2011-2012/brent"
    newest, whole = visitor.get(here).text, visitor.get(f"{here}?history=all&as-at=2012-06-02").text
    assert "These are the newest 20." in newest
    assert f'href="{here}?history=all#history">Show all 22 entries</a>' in newest
    assert ("Note 3." in newest, "Note 2." in newest) == (True, False)
    assert "Note 1." in whole
    assert "These are the newest" not in whole
    assert "Note 22." not in tracker.signed_in("coordinator", region="north-west").get(f"{here}?history=all").text


def test_the_last_of_two_on_one_day_stands_and_a_correction_takes_its_place(seeded: Database) -> None:
    clerk = Clerk(seeded)
    first = clerk.says(note="one")
    clerk.says(note="two")
    before = clerk.at
    clerk.corrects(first, effective_on="2011-11-02")
    with seeded.reading() as session:
        then, now = (queries.standings(session, YEAR, AsAt(NOW.date(), at))["brent"] for at in (before, None))
    assert (then.because, now.because) == ("two", "one")
