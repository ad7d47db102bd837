"""That an entry is still correct: what a link is good for, and what is said of an entry on a day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from improvement.local_accounts.rules import checks as rules
from improvement.local_accounts.rules.checks import Check, Confirmation, Link

SENT = datetime(2011, 12, 1, 9, tzinfo=UTC)
LINK = Link("2011-2012", "brent", rules.POST, "who", 7, SENT)


def said(seq: int, correct: bool = True, by_council: bool = True) -> Check:
    return Check("brent", date(2011, 12, seq), seq, by_council, correct, "" if correct else "The day is wrong.")


class TestALink:
    def test_it_works_for_thirty_days_and_not_a_moment_longer(self) -> None:
        rules.check_link(LINK, None, 7, "who", SENT + rules.LASTS)
        with pytest.raises(rules.LinkPast):
            rules.check_link(LINK, None, 7, "who", SENT + rules.LASTS + timedelta(microseconds=1))

    def test_it_is_about_the_entry_as_it_was(self) -> None:
        with pytest.raises(rules.EntryChanged):
            rules.check_link(LINK, None, 8, "who", SENT)

    @pytest.mark.parametrize("now", ["somebody else", None])
    def test_it_is_for_the_contact_it_was_sent_to(self, now: str | None) -> None:
        with pytest.raises(rules.ContactChanged):
            rules.check_link(LINK, None, 7, now, SENT)

    def test_once_answered_it_tells_what_was_answered_and_not_what_is_wrong(self) -> None:
        with pytest.raises(rules.LinkAnswered, match="on 9 December 2011 the council said that something is wrong"):
            rules.check_link(LINK, said(9, correct=False), 7, "who", SENT)


class TestWhatIsSaidOfAnEntry:
    def test_it_is_confirmed_on_the_day_the_council_said_so(self) -> None:
        found = rules.confirmation("brent", [said(3)], newest=2)
        assert found.in_words == "confirmed by the council on 3 December 2011"

    def test_it_is_not_confirmed_since_when_it_has_changed(self) -> None:
        found = rules.confirmation("brent", [said(3)], newest=4)
        assert found.in_words == "not confirmed by the council since 3 December 2011"

    def test_a_coordinator_does_not_confirm_for_the_council(self) -> None:
        assert rules.confirmation("brent", [said(3, by_council=False)], 1) == Confirmation("brent")
        assert Confirmation("brent").in_words == "not confirmed by the council yet"

    def test_what_is_said_to_be_wrong_is_settled_by_a_later_change_or_by_a_later_look(self) -> None:
        wrong = said(3, correct=False)
        assert rules.confirmation("brent", [wrong], newest=2).wrong == wrong
        assert rules.confirmation("brent", [wrong], newest=4).wrong is None
        assert rules.confirmation("brent", [wrong, said(4, by_council=False)], newest=2).wrong is None

    def test_what_is_wrong_is_not_among_the_words_for_everybody(self) -> None:
        words = rules.confirmation("brent", [said(3, correct=False)], newest=2).in_words
        assert words == "the council said on 3 December 2011 that something is wrong"


class TestAsking:
    def test_a_council_is_asked_once_a_week(self) -> None:
        rules.check_may_ask(None, None, SENT)
        rules.check_may_ask(SENT, SENT - timedelta(days=1), SENT + rules.ONCE_IN)
        with pytest.raises(rules.AskedAlready):
            rules.check_may_ask(SENT, SENT - timedelta(days=1), SENT + timedelta(days=6))

    def test_it_is_asked_again_at_once_when_its_entry_has_changed(self) -> None:
        rules.check_may_ask(SENT, SENT + timedelta(hours=1), SENT + timedelta(hours=2))

    def test_who_says_that_something_is_wrong_says_what(self) -> None:
        rules.check_said(True, "")
        with pytest.raises(rules.SayWhatIsWrong):
            rules.check_said(False, "  ")
