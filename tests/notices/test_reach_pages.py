"""Who can be reached, on pages: for the secretariat, for a coordinator in their own region, for nobody else."""

import pytest

from improvement import dates, mail
from improvement.access import commands as access
from improvement.access.rules import SERVICE, Held, Role
from improvement.mail import arrival
from improvement.sector import commands as sector
from tests.sheets import Book
from tests.visiting import Tracker

PAGES = ("/notices/reach", "/notices/reach/list.csv", "/notices/reach/list.xlsx")


@pytest.fixture
def staffed(tracker: Tracker) -> Tracker:
    """Two officers who have not signed in: one in London, one in the North West."""
    with tracker.database.writing() as session:
        for council in ("brent", "wirral"):
            held = Held(Role.OFFICER, council=council)
            access.add_person(session, f"{council}@x.org", council.title(), held, by=SERVICE, at=dates.now())
    return tracker


def bounce(tracker: Tracker, address: str, times: int = 1) -> None:
    for _ in range(times):
        with tracker.database.writing() as session:
            row = mail.write(session, address, "Hello", "", dates.now())
            session.flush()
            arrival.came_back(session, row, "5.1.1", dates.now())


class TestReach:
    def test_a_coordinator_sees_their_region_and_sends_an_invitation_again_once(self, staffed: Tracker) -> None:
        coordinator = staffed.signed_in("coordinator", region="london")
        page = coordinator.get("/notices/reach").text
        assert "Brent" in page
        assert "Wirral" not in page
        assert "wirral" not in coordinator.get("/notices/reach/list.csv").text.lower()
        asked = coordinator.get("/notices/reach/invite").text
        assert "brent@x.org" in asked
        assert "wirral@x.org" not in asked
        form = coordinator.form("/notices/reach/invite")
        first, second = (coordinator.post("/notices/reach/invite", form) for _ in range(2))
        assert "An invitation goes to 1 person." in coordinator.follow(first).text
        assert second.status_code == 303
        with staffed.database.reading() as session:
            sent = [row.to for row in mail.newest(session) if row.kind == mail.Kind.INVITATION]
        assert sent == ["brent@x.org"]
        assert "Nobody is waiting for an invitation" in coordinator.get("/notices/reach/invite").text
        again = coordinator.post("/notices/reach/invite", {**coordinator.form("/sign-out"), "where": ""})
        assert again.status_code == 422
        assert "Nothing was sent" in again.text

    def test_another_region_is_not_there_for_them(self, staffed: Tracker) -> None:
        coordinator = staffed.signed_in("coordinator", region="london")
        for path in (*PAGES, "/notices/reach/invite"):
            assert coordinator.get(f"{path}?region=north-west").status_code in (403, 404)
        assert coordinator.api("/notices/reach?region=north-west").status_code == 404
        form = coordinator.form("/notices/reach/invite")
        assert coordinator.post("/notices/reach/invite?region=north-west", form).status_code in (403, 404)

    @pytest.mark.parametrize(("role", "where"), [("officer", {"council": "brent"}), ("board", {}), ("chair", {})])
    def test_others_may_not_look(self, staffed: Tracker, role: str, where: dict[str, str]) -> None:
        visitor = staffed.signed_in(role, **where)
        for path in (*PAGES, "/notices/reach/invite", "/notices/messages", "/people/list.csv"):
            assert visitor.get(path).status_code == 403
        for path in ("/notices/reach", "/notices/messages", "/people"):
            assert visitor.api(path).status_code == 403
        assert "Who can be reached" not in visitor.get("/regions/london").text

    def test_the_secretariat_sees_all_regions_with_counts_that_add_up_and_takes_them_away(
        self, staffed: Tracker
    ) -> None:
        secretariat = staffed.signed_in("secretariat")
        page = secretariat.get("/notices/reach").text
        assert "By region" in page
        assert "2&nbsp;people have not signed in yet" in page.replace("\u00a0", "&nbsp;")
        rows = secretariat.get("/notices/reach/list.csv?came=invited,+not+signed+in+yet").text.splitlines()
        assert [row.partition(",")[0] for row in rows[1:]] == ["Brent", "Wirral"]
        assert secretariat.api("/notices/reach?came=invited,+not+signed+in+yet").json()["total"] == 2
        book = Book(secretariat.get("/notices/reach/list.xlsx").content)
        assert book.row("Regions", "London")["Invited, not signed in yet"] == 1
        assert len(book.table("Councils")) == 153
        assert book.check() > 0

    def test_the_region_page_says_it_in_a_sentence(self, staffed: Tracker) -> None:
        page = staffed.signed_in("coordinator", region="london").get("/regions/london").text
        assert "Nobody has signed in from 33 councils yet." in page
        assert 'href="/notices/reach?region=london"' in page
        assert "Who can be reached" not in staffed.anonymous().get("/regions/london").text
        assert (
            "Who can be reached" not in staffed.signed_in("coordinator", region="eastern").get("/regions/london").text
        )


class TestNotReached:
    def test_the_secretariat_sees_who_is_not_reached_and_says_to_try_again(self, staffed: Tracker) -> None:
        bounce(staffed, "brent@x.org", 2)
        secretariat = staffed.signed_in("secretariat")
        assert "See about an address that our messages do not reach" in secretariat.get("/").text
        assert "Not reached" in secretariat.get("/people?seen=not+reached").text
        (found,) = secretariat.api("/people?seen=not+reached").json()["items"]
        assert (found["not_reached"], found["has_signed_in"]) == (
            "There is no such mailbox at this address. (5.1.1)",
            False,
        )
        here = f"/people/{found['id']}"
        page = secretariat.get(here).text
        assert "There is no such mailbox" in page
        assert "no reminders go there now" in page
        assert "Reminders go to Brent again" in secretariat.follow(secretariat.send(f"{here}/try-again")).text
        assert "did not arrive" not in secretariat.get(here).text
        assert secretariat.get(f"{here}/try-again").status_code == 404

    def test_the_coordinator_sees_it_at_the_councils_contacts_and_says_to_try_again(self, staffed: Tracker) -> None:
        with staffed.database.writing() as session:
            new = sector.NewContact("camden", "Director", "Dee", "dee@camden.gov.uk")
            sector.set_contact(session, new, by=SERVICE)
        bounce(staffed, "dee@camden.gov.uk")
        coordinator = staffed.signed_in("coordinator", region="london")
        assert "the address of somebody at Camden that is not reached" in coordinator.get("/").text
        assert "not reached" not in staffed.signed_in("coordinator", region="eastern").get("/").text
        assert "Our last message to Dee (Director) did not arrive" in coordinator.get("/councils/camden/contacts").text
        assert "Not reached" in coordinator.get("/councils/camden").text
        assert "Not reached: Dee" in coordinator.get("/notices/reach?mend=not+reached").text
        assert "did not arrive" not in staffed.anonymous().get("/councils/camden").text
        other = staffed.signed_in("coordinator", region="eastern")
        assert other.get("/councils/camden/contacts/try-again").status_code == 403
        # Saved as it is, it stays as it is; changed, the new address is a new one.
        coordinator.send("/councils/camden/contacts")
        assert "did not arrive" in coordinator.get("/councils/camden/contacts").text
        coordinator.follow(coordinator.send("/councils/camden/contacts/try-again"))
        assert "did not arrive" not in coordinator.get("/councils/camden/contacts").text
        bounce(staffed, "dee@camden.gov.uk")
        coordinator.send("/councils/camden/contacts", director_email="d@camden.gov.uk")
        with staffed.database.reading() as session:
            assert arrival.unreached(session) == {}

    def test_whoever_presses_a_link_that_was_mailed_is_reached(self, staffed: Tracker) -> None:
        bounce(staffed, "brent@x.org", 2)
        visitor = staffed.anonymous()
        visitor.send("/sign-in", email="brent@x.org")
        with staffed.database.reading() as session:
            body = mail.newest(session, 1)[0].body
        link = body[body.index("/sign-in/link/") :].split()[0]
        assert visitor.send(link).status_code == 303
        with staffed.database.reading() as session:
            assert arrival.unreached(session) == {}


class TestEveryMessage:
    def test_the_secretariat_reads_it_page_by_page_and_takes_it_away(self, staffed: Tracker) -> None:
        with staffed.database.writing() as session:
            for number in range(60):
                mail.write(session, f"p{number:02}@x.org", "Hello", "what it says", dates.now())
        secretariat = staffed.signed_in("secretariat")
        first = secretariat.get("/notices/messages").text
        assert "what it says" not in first
        assert "p59@x.org" in first
        assert "p09@x.org" not in first
        following = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        assert "p09@x.org" in secretariat.get(following).text
        assert secretariat.get("/notices/messages/list.csv?q=p59").text.count("@x.org") == 1
        assert secretariat.api("/notices/messages?kind=other").json()["total"] == 60
        assert "No message fits" in secretariat.get("/notices/messages?became=bounced").text
        assert secretariat.get("/notices/messages?after=x").status_code == 200
