"""A message is written with what caused it, sent outside any transaction, and what became of it is kept."""

import smtplib
import ssl
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any, ClassVar

import pytest

from improvement import mail
from improvement.database import Database
from improvement.mail.sending import AGAIN, LEASE, Post, send_waiting

AT = datetime(2011, 12, 1, 9, tzinfo=UTC)


class Server:
    """A mail server that keeps what it was given, and refuses some addresses."""

    said: ClassVar[list[str]] = []
    sent: ClassVar[list[EmailMessage]] = []
    broken: ClassVar[dict[str, Exception]] = {}

    def __init__(self, host: str, port: int, timeout: float, context: ssl.SSLContext | None = None) -> None:
        self.said.append(f"{host}:{port}")
        self._certified(context)

    def _certified(self, context: ssl.SSLContext | None) -> None:
        if context is not None:
            self.said.append(
                "certified" if context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname else "anybody"
            )

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.said.append("closed")

    def starttls(self, context: ssl.SSLContext | None = None) -> None:
        self.said.append("in secret")
        self._certified(context)

    def login(self, user: str, password: str) -> None:
        self.said.append(f"{user}:{password}")

    def send_message(self, message: EmailMessage, from_addr: str, to_addrs: list[str]) -> None:
        if error := self.broken.get(message["To"]):
            raise error
        self.sent.append(message)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> type[Server]:
    for name in ("said", "sent"):
        monkeypatch.setattr(Server, name, [])
    monkeypatch.setattr(Server, "broken", {})
    monkeypatch.setattr(smtplib, "SMTP", Server)
    monkeypatch.setattr(smtplib, "SMTP_SSL", Server)
    return Server


def written(database: Database, *to: str, subject: str = "Your link to sign in") -> None:
    with database.writing() as session:
        for address in to:
            mail.write(session, address, subject, "Open this link.\n", AT)


def send(database: Database, url: str = "smtp://mail.example.org", at: datetime = AT) -> int:
    return send_waiting(database, Post(url, "tracker@example.org"), lambda: at)


def became(database: Database) -> dict[str, tuple[str, int]]:
    with database.reading() as session:
        return {row.to: (row.became, row.tries) for row in mail.newest(session)}


def test_what_waits_is_sent_once_and_its_fate_is_kept(database: Database, post: type[Server]) -> None:
    written(database, "ann@example.org")
    assert (send(database), send(database)) == (1, 0)
    assert [message["To"] for message in post.sent] == ["ann@example.org"]
    assert post.sent[0].get_content() == "Open this link.\n"
    assert became(database) == {"ann@example.org": ("sent", 1)}


def test_one_message_that_cannot_be_sent_does_not_hold_up_the_others(database: Database, post: type[Server]) -> None:
    post.broken |= {"poison@example.org": ValueError("not an address"), "full@example.org": smtplib.SMTPException()}
    written(database, "poison@example.org", "full@example.org", "ann@example.org")
    send(database)
    assert became(database) == {
        "poison@example.org": ("not sent: ValueError", 1),
        "full@example.org": ("not sent: SMTPException", 1),
        "ann@example.org": ("sent", 1),
    }


def test_a_server_that_is_not_ready_is_given_more_time_after_each_try(database: Database, post: type[Server]) -> None:
    post.broken["ann@example.org"] = ConnectionRefusedError()
    written(database, "ann@example.org")
    at = AT
    for wait in AGAIN:
        assert send(database, at=at) == 1
        assert send(database, at=at + wait - timedelta(seconds=1)) == 0
        at += wait
    assert send(database, at=at) == 1


def test_after_five_tries_it_is_given_up(database: Database, post: type[Server]) -> None:
    post.broken["ann@example.org"] = ConnectionRefusedError()
    written(database, "ann@example.org")
    days = [AT + timedelta(days=day) for day in range(7)]
    assert [send(database, at=at) for at in days] == [1, 1, 1, 1, 1, 0, 0]
    assert became(database) == {"ann@example.org": ("not sent: ConnectionRefusedError", 5)}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://mail.example.org", ["mail.example.org:25"]),
        ("smtp://ann:p%40ss@mail.example.org:587", ["mail.example.org:587", "in secret", "certified", "ann:p@ss"]),
        ("smtps://ann:secret@mail.example.org", ["mail.example.org:465", "certified", "ann:secret"]),
    ],
)
def test_a_password_is_told_only_in_secret_and_only_to_the_server_itself(
    database: Database, post: type[Server], url: str, said: list[str]
) -> None:
    written(database, "ann@example.org")
    send(database, url)
    assert post.said == [*said, "closed"]


def test_a_subject_cannot_carry_a_header_of_its_own(database: Database, post: type[Server]) -> None:
    written(database, "ann@example.org", subject="Hello\r\nBcc: everybody@example.org")
    send(database)
    assert post.sent[0]["Subject"] == "Hello Bcc: everybody@example.org"
    assert post.sent[0]["Bcc"] is None


def test_a_message_whose_cause_was_rolled_back_was_never_written(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.writing() as session:
        mail.write(session, "ann@example.org", "Subject", "Body", AT)
        raise ZeroDivisionError
    assert became(database) == {}


def test_the_network_is_waited_on_outside_any_transaction(
    database: Database, post: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_meanwhile(self: Any, message: EmailMessage, **_: object) -> None:
        with database.writing():
            post.sent.append(message)

    monkeypatch.setattr(Server, "send_message", write_meanwhile)
    written(database, "ann@example.org", "ben@example.org")
    assert send(database) == 2


def test_what_its_sender_died_on_is_sent_when_its_time_is_over(
    database: Database, post: type[Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    written(database, "ann@example.org")
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Server, "send_message", dies)
        send(database)
    assert send(database, at=AT + LEASE - timedelta(seconds=1)) == 0
    assert send(database, at=AT + LEASE) == 1
    assert became(database) == {"ann@example.org": ("sent", 2)}


def test_what_says_nothing_any_more_is_not_sent(database: Database, post: type[Server]) -> None:
    with database.writing() as session:
        mail.write(session, "ann@example.org", "Your link to sign in", "", AT, good_until=AT + timedelta(minutes=15))
    assert send(database, at=AT + timedelta(minutes=16)) == 0
    assert post.sent == []
    assert became(database) == {"ann@example.org": ("not sent: what it says had passed before it could be sent", 5)}
