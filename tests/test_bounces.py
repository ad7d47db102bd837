"""What mail servers send back: which message it answers, what it says of it, and nobody says it of another's."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement import mail
from improvement.database import Database
from improvement.errors import NotFound, TooBig, TurnedDown
from improvement.mail import MessageRow, arrival, bounces
from improvement.mail.arrival import Unreached
from improvement.mail.bounces import Answer, NotABounce

AT = datetime(2011, 12, 1, 9, tzinfo=UTC)
TOKEN = "0123456789abcdef0123456789abcdef"
DAY = timedelta(days=1)


def report(
    token: str = TOKEN,
    *,
    to: str = "tracker@example.org",
    status: str = "5.1.1",
    action: str = "failed",
    gives_back: str = "text/rfc822-headers",
) -> bytes:
    """A delivery report as a mail server writes it."""
    original = f"From: tracker@example.org\nTo: ann@x.org\nSubject: Hello\nMessage-ID: <{token}@example.org>\n"
    parts = {
        "text/plain": "Your message could not be delivered.\n",
        "message/delivery-status": "Reporting-MTA: dns; mx.x.org\n\nFinal-Recipient: rfc822; ann@x.org\n"
        f"Action: {action}\nStatus: {status}\nDiagnostic-Code: smtp; 550 <b>No</b> such user here\n",
        gives_back: f"{original}\nThe text of it.\n" if gives_back == "message/rfc822" else original,
    }
    body = "".join(f"--XX\nContent-Type: {kind}\n\n{text}\n" for kind, text in parts.items())
    head = f"From: MAILER-DAEMON@x.org\nTo: {to}\nSubject: Undelivered\nMIME-Version: 1.0\n"
    return (
        f'{head}Content-Type: multipart/report; report-type=delivery-status; boundary="XX"\n\n{body}--XX--\n'.encode()
    )


class TestReading:
    @pytest.mark.parametrize("gives_back", ["text/rfc822-headers", "message/rfc822"])
    def test_it_is_known_by_the_message_it_gives_back(self, gives_back: str) -> None:
        assert bounces.read(report(gives_back=gives_back)) == Answer(TOKEN, "5.1.1", failed=True)

    def test_or_by_the_address_it_was_sent_to_when_it_gives_nothing_back(self) -> None:
        sent = report("nobody", to=f"bounces+{TOKEN}@example.org", gives_back="text/plain")
        assert bounces.read(sent).token == TOKEN

    def test_lines_may_end_as_they_do_on_the_wire(self) -> None:
        assert bounces.read(report().replace(b"\n", b"\r\n")).token == TOKEN

    def test_a_message_that_is_only_late_has_not_failed(self) -> None:
        assert not bounces.read(report(action="delayed", status="4.4.1")).failed

    def test_a_message_that_could_not_be_delivered_in_time_has_failed(self) -> None:
        assert bounces.read(report(status="4.4.7")) == Answer(TOKEN, "4.4.7", failed=True)

    @pytest.mark.parametrize("sent", [b"", b"Subject: Out of office\n\nI am away.\n", b"\x00\xff" * 500, b"\n" * 5000])
    def test_what_is_no_delivery_report_is_refused(self, sent: bytes) -> None:
        with pytest.raises(NotABounce):
            bounces.read(sent)

    @pytest.mark.parametrize("token", ["", "x" * 32, TOKEN[:31], TOKEN.upper(), f"{TOKEN}0"])
    def test_a_report_about_no_message_of_ours_is_refused(self, token: str) -> None:
        with pytest.raises(NotFound):
            bounces.read(report(token))

    def test_more_than_a_megabyte_is_not_read(self) -> None:
        with pytest.raises(TooBig):
            bounces.read(report() + b"x" * bounces.MOST)

    @pytest.mark.parametrize(
        "part",
        [
            b"Content-Type: message/rfc822\n\n" * 30_000,
            b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(9_000)),
            b"Content-Type: text/plain; charset=%s\n" % (b"=?" * 200_000),
            b"To: " + b"(" * 900_000,
            b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n\n" + b"--x\n" * 200_000,
            b"Content-Type: multipart/digest; boundary=x\n\n" + b"--x\n\n" * 1_900 + b"x\n" * 400_000,
            b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(24))
            + b"x\n" * 490_000,
        ],
        ids=[
            "letters in letters",
            "parts in parts",
            "a character set",
            "a comment",
            "many parts",
            "a digest",
            "a long end",
        ],
    )
    def test_what_is_made_to_be_hard_to_read_costs_little_and_is_refused(self, part: bytes) -> None:
        began = time.process_time()
        with pytest.raises(TurnedDown):
            bounces.read(part[: bounces.MOST])
        assert time.process_time() - began < 5

    @given(st.binary(max_size=300), st.integers(0, 900))
    def test_whatever_is_put_into_a_report_it_is_read_or_refused(self, put: bytes, at: int) -> None:
        whole = report()
        try:
            assert bounces.read(whole[:at] + put + whole[at:]).token == TOKEN
        except TurnedDown:
            return


class TestWords:
    @pytest.mark.parametrize(
        ("status", "said"),
        [
            ("5.1.1", "There is no such mailbox at this address. (5.1.1)"),
            ("5.1.2", "The part of the address after the @ takes no mail. (5.1.2)"),
            ("5.1.10", "The part of the address after the @ takes no mail. (5.1.10)"),
            ("5.2.1", "The mailbox has been switched off. (5.2.1)"),
            ("5.2.2", "The mailbox is full. (5.2.2)"),
            ("4.4.7", "The mail server of this address could not be reached, or was out of order. (4.4.7)"),
            (
                "5.7.1",
                "The mail server of this address refuses our messages. Those who run it can let them through. (5.7.1)",
            ),
            ("5.0.0", "The message came back, and no reason we know was given. (5.0.0)"),
            ("", "The message came back, and no reason we know was given."),
        ],
    )
    def test_a_reason_is_said_in_plain_words(self, status: str, said: str) -> None:
        assert bounces.in_words(status) == said

    @pytest.mark.parametrize(
        ("code", "text", "status"),
        [
            (550, b"5.1.1 No such user", "5.1.1"),
            (550, b"No such user", "5.1.1"),
            (450, b"4.2.1 Try again later", ""),
            (554, b"5.7.1 Relay access denied", ""),
            (554, b"Transaction failed", ""),
            (550, b"5.3.4 too big", ""),
            (0, b"\xff\xfe", ""),
        ],
    )
    def test_a_refusal_counts_only_if_it_is_for_good_and_about_the_address(
        self, code: int, text: bytes, status: str
    ) -> None:
        assert bounces.refusal(code, text) == status


def written(database: Database, to: str = "ann@x.org", at: datetime = AT, *, sent: bool = True) -> str:
    """A message that was sent; its token."""
    with database.writing() as session:
        row = mail.write(session, to, "Hello", "", at)
        row.sent_at = at if sent else None
        assert row.token
        return row.token


def come_back(database: Database, token: str, at: datetime = AT, **told: str) -> str:
    with database.writing() as session:
        return arrival.note(session, bounces.read(report(token, **told)), at)


def unreached(database: Database) -> dict[str, Unreached]:
    with database.reading() as session:
        return dict(arrival.unreached(session))


class TestArrival:
    def test_the_message_it_answers_is_marked_with_the_reason_and_no_other(self, database: Database) -> None:
        first, second = written(database), written(database, "ben@x.org")
        said = come_back(database, first, status="5.2.2")
        assert said == "Noted: the message to ann@x.org of 2011-12-01 came back. The mailbox is full. (5.2.2)"
        with database.reading() as session:
            rows = {row.token: (row.became, row.reason) for row in mail.newest(session)}
        assert rows == {first: ("bounced", "The mailbox is full. (5.2.2)"), second: ("waiting", "")}
        assert list(unreached(database)) == ["ann@x.org"]

    def test_a_token_that_no_message_has_marks_nothing(self, database: Database) -> None:
        written(database)
        with pytest.raises(NotFound):
            come_back(database, TOKEN)
        assert unreached(database) == {}

    def test_the_same_report_twice_counts_once(self, database: Database) -> None:
        token = written(database)
        come_back(database, token)
        assert come_back(database, token) == "This was noted before."
        assert unreached(database)["ann@x.org"].in_a_row == 1

    def test_a_message_that_is_only_late_is_not_marked(self, database: Database) -> None:
        assert "may still arrive" in come_back(database, written(database), action="delayed")
        assert unreached(database) == {}

    @pytest.mark.parametrize("later_first", [False, True])
    def test_two_in_a_row_pause_an_address_in_whatever_order_they_come_back(
        self, database: Database, later_first: bool
    ) -> None:
        tokens = [written(database, at=AT + day * DAY) for day in range(2)]
        for token in reversed(tokens) if later_first else tokens:
            come_back(database, token)
        assert unreached(database)["ann@x.org"].paused

    def test_two_with_one_between_them_that_arrived_do_not(self, database: Database) -> None:
        first, _, third = (written(database, at=AT + day * DAY) for day in range(3))
        come_back(database, first)
        come_back(database, third, AT + 3 * DAY)
        assert unreached(database)["ann@x.org"].in_a_row == 1
        assert unreached(database)["ann@x.org"].bounced_at == AT + 3 * DAY

    def test_it_is_paused_until_somebody_says_to_try_again(self, database: Database) -> None:
        for day in range(2):
            come_back(database, written(database, at=AT + day * DAY))
        with database.writing() as session:
            arrival.settle(session, AT + 90 * DAY)
            assert arrival.paused(session) == ["ann@x.org"]
            arrival.try_again(session, " Ann@X.org ")
            assert arrival.paused(session) == []

    def test_one_that_came_back_is_forgiven_when_a_later_one_has_not(self, database: Database) -> None:
        come_back(database, written(database))
        written(database, at=AT + DAY)
        for later, there in ((5 * DAY, True), (7 * DAY, False)):
            with database.writing() as session:
                arrival.settle(session, AT + later)
            assert bool(unreached(database)) is there

    def test_a_report_that_comes_before_we_noted_the_message_sent_is_not_lost(self, database: Database) -> None:
        come_back(database, written(database, sent=False))
        with database.reading() as session:
            (row,) = session.query(MessageRow).all()
        assert row.bounced_at == AT
