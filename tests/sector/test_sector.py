"""The councils there were on each day, what came before and after them, and reference files that change."""

import csv
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from improvement import upkeep
from improvement.database import EVER, Database, last_seq
from improvement.dates import AsAt
from improvement.errors import NotFound
from improvement.sector import queries
from improvement.sector.commands import seed_sector
from improvement.sector.rules import Council
from improvement.sector.tables import CouncilFormed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def in_being(database: Database, on: date) -> dict[str, Council]:
    with database.reading() as session:
        return {council.slug: council for council in queries.councils(session, AsAt(on))}


@pytest.mark.parametrize(
    ("on", "councils"),
    [
        ("2011-12-31", 152),
        ("2019-03-31", 152),
        ("2019-04-01", 151),
        ("2020-04-01", 151),
        ("2021-03-31", 151),
        ("2021-04-01", 152),
        ("2023-03-31", 152),
        ("2023-04-01", 153),
        ("2026-11-23", 153),
    ],
)
def test_as_many_councils_are_there_as_there_were_on_the_day(seeded: Database, on: str, councils: int) -> None:
    assert len(in_being(seeded, date.fromisoformat(on))) == councils


def test_there_are_nine_regions_and_every_council_is_in_one(seeded: Database) -> None:
    with seeded.reading() as session:
        regions = queries.regions(session)
        assert len(regions) == 9
        assert all(council.region in regions for council in queries.all_councils(session).values())
        assert len(queries.all_councils(session)) == 161


def test_what_came_before_and_after_are_councils_there_are_and_follow_without_a_gap(seeded: Database) -> None:
    with seeded.reading() as session:
        everyone = queries.all_councils(session)
    for council in everyone.values():
        for slug in council.successors:
            after = everyone[slug]
            assert council.slug in after.predecessors
            assert council.valid_to is not None, f"{council.name} has a successor and is still there"
            assert after.in_being(date.fromordinal(council.valid_to.toordinal() + 1))
        assert council.valid_to is None or council.successors, f"{council.name} came to an end and left nobody"
        assert set(council.predecessors) <= set(everyone)


def test_a_council_goes_by_the_code_it_had_on_the_day(seeded: Database) -> None:
    with seeded.reading() as session:
        for council in queries.all_councils(session).values():
            days = [code.given_on for code in council.codes]
            assert days == sorted(days)
            assert council.codes
            assert council.code_on(date(1900, 1, 1)) is None or days[0] <= date(1900, 1, 1)
            assert council.code_on(date(2100, 1, 1)) == council.codes[-1].gss_code


def test_both_ends_of_a_councils_life_are_days_it_was_there(seeded: Database) -> None:
    with seeded.reading() as session:
        gone = next(one for one in queries.all_councils(session).values() if one.valid_to and one.valid_from)
    assert gone.valid_from
    assert gone.valid_to
    for day, there in ((gone.valid_from, True), (gone.valid_to, True)):
        assert gone.in_being(day) is there
    assert not gone.in_being(date.fromordinal(gone.valid_from.toordinal() - 1))
    assert not gone.in_being(date.fromordinal(gone.valid_to.toordinal() + 1))


@pytest.mark.parametrize("slug", ["nowhere", "", "BRENT", "brent'--", "\u202ebrent"])
def test_a_council_there_never_was_is_not_found(seeded: Database, slug: str) -> None:
    with seeded.reading() as session:
        with pytest.raises(NotFound):
            queries.council(session, slug)
        with pytest.raises(NotFound):
            queries.region(session, slug)


class TestSeeding:
    """The files are applied the first time; later differences are said, and wait to be applied."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        shutil.copytree(upkeep.kept_in("seed"), tmp_path / "seed")
        return tmp_path / "seed"

    def seed(self, database: Database, folder: Path, *, apply: bool = False) -> list[str]:
        with database.writing() as session:
            return seed_sector(session, folder, apply=apply, at=NOW)

    def facts(self, database: Database) -> int:
        with database.reading() as session:
            return last_seq(session)[0]

    def rewrite(self, file: Path, old: str, new: str) -> None:
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new, 1))

    def test_the_first_time_everything_is_known_from_the_beginning_and_nothing_is_said(
        self, database: Database, folder: Path
    ) -> None:
        assert self.seed(database, folder) == []
        with database.reading() as session:
            last = session.scalar(select(func.max(CouncilFormed.recorded_at)))
            assert last is not None
            assert last.date() == date(1900, 1, 1)
            assert len(queries.councils(session, AsAt(date(2011, 12, 31), datetime(1900, 1, 2, tzinfo=UTC)))) == 152

    def test_the_second_time_says_nothing_and_does_nothing(self, seeded: Database, folder: Path) -> None:
        before = self.facts(seeded)
        assert self.seed(seeded, folder) == []
        assert self.seed(seeded, folder, apply=True) == []
        assert self.facts(seeded) == before

    def test_a_difference_is_said_and_waits(self, seeded: Database, folder: Path) -> None:
        before = self.facts(seeded)
        self.rewrite(folder / "councils.csv", "brent.gov.uk", "brent.example")
        said = self.seed(seeded, folder)
        assert said == ["council_formed: brent: website_domain is 'brent.gov.uk', the file says 'brent.example'"]
        assert self.facts(seeded) == before

    def test_applied_it_is_a_correction_and_the_third_time_says_nothing(self, seeded: Database, folder: Path) -> None:
        before = self.facts(seeded)
        self.rewrite(folder / "councils.csv", "brent.gov.uk", "brent.example")
        assert len(self.seed(seeded, folder, apply=True)) == 1
        assert self.facts(seeded) == before + 1
        assert self.seed(seeded, folder) == []
        with seeded.reading() as session:
            assert queries.council(session, "brent").website_domain.endswith("brent.example")
            then = queries.all_councils(session, datetime(2012, 1, 1, tzinfo=UTC))["brent"]
            assert then.website_domain.endswith("brent.gov.uk")

    def test_a_new_row_is_new(self, seeded: Database, folder: Path) -> None:
        with (folder / "successions.csv").open(newline="") as file:
            row = next(csv.DictReader(file))
        with (folder / "successions.csv").open("a", newline="") as file:
            csv.DictWriter(file, row).writerow({**row, "predecessor": "brent", "successor": "ealing"})
        assert self.seed(seeded, folder) == ["council_succeeded: brent, ealing is new"]
        self.seed(seeded, folder, apply=True)
        with seeded.reading() as session:
            assert queries.council(session, "brent").successors == ("ealing",)

    def test_a_row_that_is_gone_is_said_and_taken_back_when_applied(self, seeded: Database, folder: Path) -> None:
        lines = (folder / "successions.csv").read_text().splitlines(keepends=True)
        (folder / "successions.csv").write_text("".join(lines[:-1]))
        said = self.seed(seeded, folder)
        assert len(said) == 1
        assert said[0].endswith("is in the database and not in the files")
        before = self.facts(seeded)
        self.seed(seeded, folder, apply=True)
        assert self.facts(seeded) == before + 1
        assert self.seed(seeded, folder) == []

    def test_a_council_that_is_gone_from_the_files_is_said_and_never_taken_back(
        self, seeded: Database, folder: Path
    ) -> None:
        lines = (folder / "councils.csv").read_text().splitlines(keepends=True)
        (folder / "councils.csv").write_text("".join(line for line in lines if not line.startswith("brent,")))
        self.seed(seeded, folder, apply=True)
        assert self.seed(seeded, folder) == ["council_formed: brent is in the database and not in the files"]
        assert "brent" in in_being(seeded, date(2011, 12, 31))


def test_nothing_is_said_of_an_empty_database(database: Database) -> None:
    with database.reading() as session:
        assert queries.councils(session, EVER) == []
        assert dict(queries.regions(session)) == {}
