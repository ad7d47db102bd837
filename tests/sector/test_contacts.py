"""Whom to write to in each council: typed or loaded from a file, all or nothing, and seen by few."""

import pytest

from improvement.database import Database, last_seq
from improvement.errors import Mistakes, NotAllowed, NotFound
from improvement.sector import queries
from improvement.sector.commands import NewContact, load_contacts, set_contact
from improvement.web import uploads
from tests.local_accounts.people import BOARD, BRENT, LONDON, SECRETARIAT, WIRRAL
from tests.visiting import Tracker, Typed, Visitor

ANN = NewContact("brent", "Director", "Ann Archer", "ann@brent.gov.uk")
FILE = """council,post,name,email
brent,Director,Ann Archer,ann@brent.gov.uk
wirral,Lead Member,Bo Ode,bo@wirral.gov.uk
"""
HEADINGS = "council,post,name,email\n"
OTHER_FORMS = [
    FILE.encode("utf-8-sig"),
    FILE.encode("utf-16"),
    FILE.replace(",", ";").encode(),
    FILE.replace("\n", "\r\n").encode(),
]


def contacts(database: Database, council: str = "brent") -> dict[str, tuple[str, str]]:
    with database.reading() as session:
        return {one.post: (one.name, one.email) for one in queries.contacts(session, council)}


def loaded(database: Database, text: str) -> int:
    with database.writing() as session:
        return load_contacts(session, text, by=SECRETARIAT)


def mistakes(database: Database, text: str) -> dict[str, str]:
    with pytest.raises(Mistakes) as refusal:
        loaded(database, text)
    assert contacts(database) == contacts(database, "wirral") == {}, "nothing is kept of a file with a mistake"
    return dict(refusal.value.fields)


class TestSetting:
    @pytest.mark.parametrize("by", [SECRETARIAT, LONDON, BRENT], ids=["secretariat", "its region", "its own"])
    def test_those_with_rights_on_the_council_say_who(self, seeded: Database, by: object) -> None:
        with seeded.writing() as session:
            set_contact(session, ANN, by=by)  # type: ignore[arg-type]
        assert contacts(seeded) == {"Director": ("Ann Archer", "ann@brent.gov.uk")}

    @pytest.mark.parametrize("by", [WIRRAL, BOARD], ids=["another council", "the Board"])
    def test_nobody_else_does(self, seeded: Database, by: object) -> None:
        with pytest.raises(NotAllowed), seeded.writing() as session:
            set_contact(session, ANN, by=by)  # type: ignore[arg-type]

    def test_the_next_takes_the_place_of_the_last(self, seeded: Database) -> None:
        for name in ("Ann Archer", "Ben Binns"):
            with seeded.writing() as session:
                set_contact(session, NewContact("brent", "Director", name, "director@brent.gov.uk"), by=BRENT)
        assert contacts(seeded) == {"Director": ("Ben Binns", "director@brent.gov.uk")}

    def test_contacts_are_no_facts_but_pages_that_show_them_change(self, seeded: Database) -> None:
        with seeded.reading() as session:
            before = last_seq(session)
        with seeded.writing() as session:
            set_contact(session, ANN, by=BRENT)
        with seeded.reading() as session:
            assert last_seq(session) == (before[0], before[1] + 1)


class TestFile:
    def test_every_row_is_kept(self, seeded: Database) -> None:
        assert loaded(seeded, FILE) == 2
        assert contacts(seeded) == {"Director": ("Ann Archer", "ann@brent.gov.uk")}
        assert contacts(seeded, "wirral") == {"Lead Member": ("Bo Ode", "bo@wirral.gov.uk")}

    def test_the_same_file_twice_is_the_same(self, seeded: Database) -> None:
        assert loaded(seeded, FILE) == loaded(seeded, FILE) == 2

    def test_every_mistake_is_told_by_its_row_and_nothing_is_kept(self, seeded: Database) -> None:
        rows = [
            "nowhere,Director,Ann,ann@example.org",
            "brent,Boss,Ann,ann@example.org",
            "brent,Director,,ann@example.org",
            "brent,Director,Ann,not an address",
            "wirral,Director,Ann,ann@example.org",
            "",
            "wirral,Director,Ben,ben@example.org",
            f"brent,Lead Member,{'x' * 300},ann@example.org",
        ]
        found = mistakes(seeded, "council,post,name,email\n" + "\n".join(rows))
        assert {row: sentence.split(".")[0] for row, sentence in found.items()} == {
            "row-2": "Row 2: There is no council “nowhere”",
            "row-3": "Row 3: Select the post: Director, Lead Member, Local-account contact",
            "row-4": "Row 4: Enter the name",
            "row-5": "Row 5: Enter an e-mail address in the right form, like name@example",
            "row-8": "Row 8: wirral has a Director in row 6 already",
            "row-9": "Row 9: The name must be 200 characters or fewer",
        }

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "The file has no column “council”"),
            ("council,post,name,email\n", "The file has no rows below its headings"),
            ("council,post,name\nbrent,Director,Ann\n", "The file has no column “email”"),
            (HEADINGS + "brent,Director,Archer, Ann,ann@example.org\n", "Row 2 has more cells than there are columns"),
            (HEADINGS + 'brent,Director,"' + "x" * 200_000, "The file cannot be read as a CSV"),
        ],
    )
    def test_a_file_of_another_shape_is_told_what_it_needs(self, seeded: Database, text: str, sentence: str) -> None:
        found = mistakes(seeded, text)
        assert found["file"].startswith(sentence)

    @pytest.mark.parametrize("sent", OTHER_FORMS, ids=["with its mark", "UTF-16", "semicolons", "CR LF"])
    def test_it_may_come_as_spreadsheets_write_it(self, seeded: Database, sent: bytes) -> None:
        assert loaded(seeded, uploads.as_text(sent)) == 2

    def test_letters_that_would_be_guessed_are_refused(self) -> None:
        with pytest.raises(uploads.NotText, match="save it as “CSV UTF-8”"):
            uploads.as_text("council,post,name,email\nbrent,Director,Zoë,z@example.org".encode("cp1252"))

    def test_a_coordinators_file_is_held_to_the_region(self, seeded: Database) -> None:
        with pytest.raises(Mistakes) as refusal, seeded.writing() as session:
            load_contacts(session, FILE, by=LONDON)
        assert set(refusal.value.fields) == {"row-3"}


class TestPages:
    @pytest.fixture
    def officer(self, tracker: Tracker) -> Visitor:
        return tracker.signed_in("officer", council="brent")

    def test_a_council_keeps_its_own_contacts(self, tracker: Tracker, officer: Visitor) -> None:
        sent = officer.send(
            "/councils/brent/contacts",
            director_name="Ann Archer",
            director_email="Ann@Brent.gov.uk",
            local_account_name="Cy Cole",
            local_account_email="cy@brent.gov.uk",
        )
        assert "The contacts are saved" in officer.follow(sent).text
        assert contacts(tracker.database) == {
            "Director": ("Ann Archer", "ann@brent.gov.uk"),
            "Local-account contact": ("Cy Cole", "cy@brent.gov.uk"),
        }
        assert officer.form("/councils/brent/contacts")["director_name"] == "Ann Archer"

    def test_a_post_left_empty_has_nobody(self, tracker: Tracker, officer: Visitor) -> None:
        officer.send("/councils/brent/contacts", director_name="Ann", director_email="ann@brent.gov.uk")
        officer.send("/councils/brent/contacts", director_name="", director_email="")
        assert contacts(tracker.database) == {}

    def test_every_mistake_is_told_and_what_was_typed_is_kept(self, tracker: Tracker, officer: Visitor) -> None:
        typed: Typed = {
            "director_name": "Ann",
            "director_email": "ann at brent",
            "lead_member_email": "bo@brent.gov.uk",
        }
        sent = officer.post("/councils/brent/contacts", officer.form("/councils/brent/contacts") | typed)
        assert sent.status_code == 422
        assert "Enter an e-mail address in the right form" in sent.text
        assert "Enter the name of the Lead Member, or leave both empty." in sent.text
        assert "ann at brent" in sent.text
        assert contacts(tracker.database) == {}

    @pytest.mark.parametrize("address", ["/councils/brent/contacts", "/councils/contacts/import"])
    def test_a_stranger_is_led_to_sign_in(self, tracker: Tracker, address: str) -> None:
        answer = tracker.anonymous().get(address)
        assert (answer.status_code, answer.headers["location"].split("?")[0]) == (303, "/sign-in")

    def test_contacts_are_shown_to_those_with_rights_on_the_council_and_nobody_else(self, tracker: Tracker) -> None:
        with tracker.database.writing() as session:
            set_contact(session, NewContact("brent", "Director", "Canary Name", "canary@brent.gov.uk"), by=SECRETARIAT)
        rights = [
            tracker.signed_in("officer", council="brent"),
            tracker.signed_in("coordinator", region="london"),
            tracker.signed_in("secretariat"),
        ]
        for visitor in rights:
            assert "Canary Name" in visitor.get("/councils/brent/contacts").text
            assert visitor.api("/councils/brent/contacts").json()["items"][0]["name"] == "Canary Name"
        others = [
            tracker.signed_in("officer", council="wirral"),
            tracker.signed_in("coordinator", region="north-west"),
            tracker.signed_in("board"),
            tracker.signed_in("chair"),
        ]
        for visitor in others:
            page, told = visitor.get("/councils/brent/contacts"), visitor.api("/councils/brent/contacts")
            assert (page.status_code, told.status_code) == (403, 403)
            for answer in (page, told, visitor.get("/councils/brent"), visitor.get("/councils")):
                assert "anary" not in answer.text
        assert "anary" not in tracker.anonymous().get("/councils/brent").text
        assert tracker.anonymous().api("/councils/brent/contacts").status_code == 401

    def test_a_council_there_never_was_is_not_found(self, tracker: Tracker) -> None:
        assert tracker.signed_in("secretariat").get("/councils/nowhere/contacts").status_code == 404

    def test_the_secretariat_loads_a_file(self, tracker: Tracker) -> None:
        visitor = tracker.signed_in("secretariat")
        assert "/councils/contacts/import" in visitor.get("/councils").text
        sent = visitor.send("/councils/contacts/import", {"file": ("contacts.csv", FILE.encode())})
        assert "2 contacts are saved." in visitor.follow(sent).text
        assert contacts(tracker.database, "wirral")

    def test_a_file_with_mistakes_is_shown_with_every_row(self, tracker: Tracker) -> None:
        visitor = tracker.signed_in("secretariat")
        wrong = FILE.replace("Director", "Boss").replace("wirral,", "nowhere,").encode()
        sent = visitor.send("/councils/contacts/import", {"file": ("contacts.csv", wrong)})
        assert sent.status_code == 422
        assert 'href="#row-2"' in sent.text
        assert 'id="row-3"' in sent.text
        assert contacts(tracker.database) == {}

    @pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"\x00" * 100, b"%PDF-1.4", "Zoë".encode("cp1252")])
    def test_whatever_is_sent_gets_a_sentence(self, tracker: Tracker, body: bytes) -> None:
        visitor = tracker.signed_in("secretariat")
        sent = visitor.send("/councils/contacts/import", {"file": ("contacts.csv", body)})
        assert sent.status_code == 422

    def test_no_file_gets_a_sentence(self, tracker: Tracker) -> None:
        sent = tracker.signed_in("secretariat").send("/councils/contacts/import")
        assert sent.status_code == 422
        assert "Choose a file" in sent.text

    def test_only_the_secretariat_loads_files(self, tracker: Tracker) -> None:
        for visitor in (
            tracker.signed_in("coordinator", region="london"),
            tracker.signed_in("officer", council="brent"),
        ):
            assert visitor.get("/councils/contacts/import").status_code == 403
            assert "/councils/contacts/import" not in visitor.get("/councils").text


def test_contacts_of_a_council_there_never_was_are_not_found(seeded: Database) -> None:
    with pytest.raises(NotFound), seeded.writing() as session:
        set_contact(session, NewContact("nowhere", "Director", "Ann", "ann@example.org"), by=SECRETARIAT)
