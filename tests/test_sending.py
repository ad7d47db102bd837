"""Mail on the wire, against a real server: once whoever sends it, with its headers, and as a page beside the text."""

import asyncio
import os
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from improvement import dates, mail
from improvement.database import Database
from improvement.mail import Kind, arrival
from improvement.mail.sending import Post, send_waiting
from improvement.web.letters import as_page
from tests.journeys.served import COMMAND

AT = datetime(2011, 12, 1, 9, tzinfo=UTC)
MANY = 12
TEXT = "Hello,\n\nÄ – “so”.\n"
STOP = f"https://tracker.example.org/notices/stop/{'x' * 120}.{'0' * 64}"


class Taken:
    """What a mail server was given. It is slow, so that two senders meet; and it does not know everybody."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.refuses: dict[str, str] = {}

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, to: str, ___: list[str]) -> str:  # noqa: N802 - its name
        if to in self.refuses:
            return self.refuses[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        await asyncio.sleep(0.01)
        self.envelopes.append(envelope)
        return "250 OK"

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(one.content, policy=policy.default) for one in self.envelopes]  # type: ignore[misc,arg-type]

    def to(self) -> Counter[str]:
        return Counter(str(message["To"]) for message in self.messages)


class Here(Controller):
    """A real server, on a port that was free."""

    def __init__(self, taken: Taken) -> None:
        super().__init__(taken, hostname="127.0.0.1", port=0)
        self.taken = taken

    def _trigger_server(self) -> None:
        """Find out the port that it was given."""
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


@pytest.fixture
def server() -> Iterator[Here]:
    here = Here(Taken())
    here.start()
    yield here
    here.stop()


def written(database: Database, *to: str, kind: Kind = Kind.REMINDER, stop: str = STOP, at: datetime = AT) -> None:
    with database.writing() as session:
        for address in to:
            mail.write(session, address, "Brent: local account reminder", TEXT, at, kind=kind, stop=stop)


def send(database: Database, server: Here, bounces: str = "") -> int:
    post = Post(server.url, "Tracker <tracker@example.org>", bounces, as_page)
    return send_waiting(database, post, lambda: AT)


class TestOnce:
    def test_two_senders_in_one_process_send_each_message_once(self, database: Database, server: Here) -> None:
        everybody = [f"p{number}@x.org" for number in range(MANY)]
        written(database, *everybody)
        met = threading.Barrier(3)

        def work(_: int) -> int:
            met.wait(timeout=20)
            return send(database, server)

        with ThreadPoolExecutor(3) as threads:
            sent = list(threads.map(work, range(3)))
        assert server.taken.to() == Counter(everybody)
        assert sum(sent) == MANY

    def test_so_do_two_processes_such_as_run_and_worker(self, database: Database, server: Here, tmp_path: Path) -> None:
        everybody = [f"p{number}@x.org" for number in range(MANY)]
        written(database, *everybody, at=dates.now())
        told = {
            "IMPROVEMENT_DATA": str(tmp_path),
            "IMPROVEMENT_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "IMPROVEMENT_SMTP_URL": server.url,
        }
        workers = [subprocess.Popen([COMMAND, "worker", "--once"], env={**os.environ, **told}) for _ in range(2)]
        assert [worker.wait(timeout=120) for worker in workers] == [0, 0]
        assert server.taken.to() == Counter(everybody)


class TestHeaders:
    def test_a_reminder_can_be_stopped_with_one_click_and_says_that_a_machine_wrote_it(
        self, database: Database, server: Here
    ) -> None:
        written(database, "ann@x.org")
        send(database, server)
        (message,) = server.taken.messages
        with database.reading() as session:
            (row,) = mail.newest(session)
        assert message["List-Unsubscribe"] == f"<{STOP}>"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Message-ID"] == f"<{row.token}@example.org>"
        assert message["Date"].datetime == AT
        assert f"List-Unsubscribe: <{STOP}>\r\n".encode() in bytes(server.taken.envelopes[0].content or b"")

    def test_a_link_to_sign_in_cannot_be_stopped(self, database: Database, server: Here) -> None:
        written(database, "ann@x.org", kind=Kind.SIGN_IN, stop="")
        send(database, server)
        (message,) = server.taken.messages
        assert message["List-Unsubscribe"] is message["List-Unsubscribe-Post"] is None
        assert message["Auto-Submitted"] == "auto-generated"

    def test_a_second_try_is_the_same_message(self, database: Database, server: Here) -> None:
        server.taken.refuses["ann@x.org"] = "451 4.7.1 Try again later"
        written(database, "ann@x.org")
        send(database, server)
        with database.reading() as session:
            (row,) = mail.newest(session)
        assert (row.sent_at, row.bounced_at, row.tries) == (None, None, 1)
        server.taken.refuses.clear()
        send_waiting(database, Post(server.url, "tracker@example.org"), lambda: AT + timedelta(hours=1))
        assert server.taken.messages[0]["Message-ID"] == f"<{row.token}@example.org>"
        assert server.taken.messages[0]["Date"].datetime == AT

    def test_what_cannot_be_delivered_comes_back_to_an_address_with_the_token_where_one_is_set(
        self, database: Database, server: Here
    ) -> None:
        written(database, "ann@x.org")
        send(database, server, "bounces@example.org")
        written(database, "ben@x.org")
        send(database, server)
        with database.reading() as session:
            token = mail.newest(session)[1].token
        froms = [one.mail_from for one in server.taken.envelopes]
        assert froms == [f"bounces+{token}@example.org", "tracker@example.org"]


class TestParts:
    def test_the_text_is_as_it_was_and_the_page_says_the_same(self, database: Database, server: Here) -> None:
        written(database, "ann@x.org")
        send(database, server)
        (message,) = server.taken.messages
        assert message.get_content_type() == "multipart/alternative"
        text, page = message.iter_parts()
        assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
        assert text.get_content().replace("\r\n", "\n") == TEXT
        assert "<h1>Brent: local account reminder</h1>" in page.get_content()


class TestRefusals:
    def test_an_address_that_the_server_refuses_for_good_counts_as_one_that_came_back(
        self, database: Database, server: Here
    ) -> None:
        server.taken.refuses["ann@x.org"] = "550 5.1.1 <ann@x.org> unknown"
        for _ in range(2):
            written(database, "ann@x.org", "ben@x.org")
            send(database, server)
        assert send(database, server) == 0
        assert server.taken.to() == {"ben@x.org": 2}
        with database.reading() as session:
            became = {(row.to, row.became, row.tries) for row in mail.newest(session)}
            assert arrival.unreached(session)["ann@x.org"].reason == "There is no such mailbox at this address. (5.1.1)"
        assert became == {("ann@x.org", "bounced", 1), ("ben@x.org", "sent", 1)}

    def test_a_server_that_lets_us_send_nothing_does_not_make_every_address_a_bad_one(
        self, database: Database, server: Here
    ) -> None:
        server.taken.refuses["ann@x.org"] = "554 5.7.1 Relay access denied"
        written(database, "ann@x.org")
        send(database, server)
        with database.reading() as session:
            assert arrival.unreached(session) == {}
            assert mail.newest(session)[0].became == "not sent: SMTPRecipientsRefused"
