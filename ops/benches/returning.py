"""The return of 152 councils as a workbook: downloaded, looked over and taken in; and one of 15,000 rows."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import urlencode

from benches.processes import CannotBench, Server
from benches.telling import Row
from benches.visiting import Answer, Visitor
from tests.local_accounts.return_files import Filled

RETURN = "/local-accounts/2011-2012/return"
TURNS, MANY = 3, 15_000
_FORM = re.compile(r'<form[^>]*action="([^"]*)".*?</form>', re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_EDGE = "bench-edge"


def of_return(size: str, server: Server, visitor: Visitor) -> list[Row]:
    """Seconds of the processor for each step, the cheapest of three turns, with the clock's beside it."""
    took: dict[str, list[tuple[float, float]]] = {}

    def timed(step: str, do: Callable[[], Answer], status: int) -> Answer:
        began, before = time.perf_counter(), server.cpu()
        answer = do()
        took.setdefault(step, []).append((server.cpu() - before, time.perf_counter() - began))
        if answer.status != status:
            raise CannotBench(f"The return: {step} answered {answer.status}:\n{answer.text[:1500]}")
        return answer

    for turn in range(TURNS):
        filled = Filled(timed("downloaded", lambda: visitor.get(f"{RETURN}.xlsx"), 200).body)
        sent = _upload(visitor, _changed(filled, turn).saved())
        page = timed("looked over", lambda sent=sent: visitor.send(RETURN, *sent), 200)  # type: ignore[misc]
        body = urlencode(_fields(page.text, f"{RETURN}/recorded")).encode()
        form = ("application/x-www-form-urlencoded", body)
        timed("taken in", lambda form=form: visitor.send(f"{RETURN}/recorded", *form), 303)  # type: ignore[misc]
    many = _upload(visitor, _many(Filled(visitor.get(f"{RETURN}.xlsx").body)).saved())
    timed("15,000 rows looked over", lambda: visitor.send(RETURN, *many), 200)
    rows = []
    for step, times in took.items():
        cpu, clock = min(times)
        must = None if step == "downloaded" else 10.0 if step.startswith("15") else 1.0
        rows.append(
            Row(size, "return", f"return {step}", value=cpu, unit="s", must=must, note=f"{clock:.2f} s by the clock")
        )
    own, opening = (most / 2**20 for most in (server.peak(), _peak_of_opening(many[1])))
    note = f"{own:.0f} MB the server at most, {opening:.0f} MB what opens the file"
    return [*rows, Row(size, "return", "memory for 15,000 rows", value=own + opening, unit="MB", must=300, note=note)]


def _changed(filled: Filled, turn: int) -> Filled:
    """Something else in the row of every council: a title where it is published, or else a note."""
    status, title, note = (filled.place(heading) for heading in ("Status", "Title", "Note or reason"))
    for number, row in enumerate(filled.rows):
        row[title if row[status] == "published" else note] = f"Changed {turn} {number} {time.time_ns()}"
    return filled


def _many(filled: Filled) -> Filled:
    """As many rows as could be, each of the same councils again."""
    rows = filled.rows
    filled.rows = [list(rows[number % len(rows)]) for number in range(MANY)]
    return filled


def _fields(page: str, action: str) -> list[tuple[str, str]]:
    for form in _FORM.finditer(page):
        if form[1] == action:
            return [(unescape(name), unescape(value)) for name, value in _HIDDEN.findall(form[0])]
    raise CannotBench(f"There is no form to {action}:\n{page[:1500]}")


def _upload(visitor: Visitor, workbook: bytes) -> tuple[str, bytes]:
    """What a browser sends with a file, and how it says so."""
    parts = [
        f'--{_EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in _fields(visitor.get(RETURN).text, RETURN)
    ]
    head = f'--{_EDGE}\r\nContent-Disposition: form-data; name="file"; filename="return.xlsx"\r\n'
    parts.append(f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + workbook)
    return f"multipart/form-data; boundary={_EDGE}", b"".join(parts) + f"\r\n--{_EDGE}--\r\n".encode()


def _peak_of_opening(sent: bytes) -> int:
    """The most memory, in bytes, that opening the file takes in its own process, as that process finds it at its end.

    What the kernel tells of an ended child counts what the bench itself had when it began it.
    """
    workbook: Any = sent[sent.index(b"PK") : sent.rindex(f"\r\n--{_EDGE}--".encode())]
    begin = "import sys; from improvement.web import opening; opening.main()"
    command = [sys.executable, "-I", "-c", f"{begin}; sys.stderr.write(open('/proc/self/status').read())"]
    done = subprocess.run(command, input=workbook, capture_output=True, check=True)
    return int(re.search(rb"VmHWM:\s+(\d+) kB", done.stderr)[1]) * 1024  # type: ignore[index]
