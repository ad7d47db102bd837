"""Who can be reached, and who is sent an invitation again: the rules."""

from datetime import UTC, date, datetime, timedelta

import pytest

from improvement.notices.rules import reach
from improvement.notices.rules.reach import Came, Invitee, OfRegion, Reach, Waits

AT = datetime(2011, 10, 3, 9, tzinfo=UTC)


def council(
    name: str, came: Came = Came.INVITED, *, region: str = "london", contacts: int = 1, missed: tuple[str, ...] = ()
) -> Reach:
    return Reach(name.lower(), name, region, region.title(), came, 1, 0, None, contacts, missed)


@pytest.mark.parametrize(
    ("officers", "signed_in", "came"), [(0, 0, Came.NOBODY), (2, 0, Came.INVITED), (2, 1, Came.SIGNED_IN)]
)
def test_a_council_has_nobody_or_somebody_invited_or_somebody_who_came(
    officers: int, signed_in: int, came: Came
) -> None:
    assert reach.came(officers, signed_in) is came


def test_an_invitation_is_sent_to_one_address_every_fortnight_at_most() -> None:
    def waits(days: int) -> Waits | None:
        return reach.waits(AT - timedelta(days=days), AT, stopped=False, not_reached=False)

    assert [waits(0), waits(13), waits(14)] == [Waits.RECENT, Waits.RECENT, None]
    assert reach.waits(None, AT, stopped=False, not_reached=False) is None


def test_it_is_not_sent_to_who_wants_none_nor_where_the_last_two_did_not_arrive() -> None:
    assert reach.waits(None, AT, stopped=True, not_reached=False) is Waits.STOPPED
    assert reach.waits(None, AT, stopped=False, not_reached=True) is Waits.NOT_REACHED


def test_regions_are_counted_in_order_of_name_and_not_ranked() -> None:
    rows = [
        council("Wirral", Came.NOBODY, region="north west", contacts=0),
        council("Brent", Came.SIGNED_IN),
        council("Camden", missed=("Cam",)),
    ]
    assert reach.by_region(rows) == [
        OfRegion("london", "London", 2, 1, 1, 0, 0, 1),
        OfRegion("north west", "North West", 1, 0, 0, 1, 1, 0),
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "No council fits."),
        (
            [council("Brent", Came.SIGNED_IN)],
            "Somebody has signed in from 1 of 1 council. Each has a contact with an e-mail address.",
        ),
        (
            [council("Brent", contacts=0), council("Camden")],
            "Nobody has signed in from 2 councils yet. 1 council has no contact with an e-mail address.",
        ),
    ],
)
def test_where_things_stand_is_said_without_scolding(rows: list[Reach], said: str) -> None:
    assert reach.summary(rows) == said


def test_one_message_names_all_councils_of_a_person_and_says_how_to_stop() -> None:
    one = Invitee(7, "Ann", "ann@x.org", ("Brent", "Camden"), ("london",), date(2011, 9, 1), None)
    text = reach.body(one, "https://t.example.org", "https://t.example.org/notices/stop/x")
    assert text.startswith("Hello Ann,\n\nYou can record the local account of Brent and Camden")
    assert "https://t.example.org/sign-in\n" in text
    assert text.endswith("To stop reminders to this address:\nhttps://t.example.org/notices/stop/x\n")
