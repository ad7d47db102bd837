"""Forms with files, read as they come: what is typed is kept, and no more is held than is taken."""

import tracemalloc
from collections.abc import AsyncIterator, Iterable

import pytest
from anyio.from_thread import start_blocking_portal

from improvement.web.parts import Form, NotAForm, read

END = b"--x--\r\n"


def field(name: str, value: bytes, file: str = "") -> bytes:
    named = f'; filename="{file}"' if file else ""
    return f'--x\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'.encode() + value + b"\r\n"


def came(*chunks: bytes, most: int = 100) -> Form:
    return streamed(chunks, most)


def streamed(chunks: Iterable[bytes], most: int) -> Form:
    async def stream() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    with start_blocking_portal("asyncio") as portal:
        return portal.call(read, stream(), "x", most, most)


def test_fields_and_files_are_read_however_they_are_cut() -> None:
    whole = field("why", "£5 & more".encode()) + field("files", b"%PDF", "a.pdf") + field("why", b"again") + END
    for size in (1, 7, len(whole)):
        form = came(*(whole[at : at + size] for at in range(0, len(whole), size)))
        told = [(part.field, bytes(part.content).decode(), part.file) for part in form.parts]
        assert told == [("why", "£5 & more", None), ("files", "%PDF", "a.pdf"), ("why", "again", None)]
        assert (form.in_files, form.typed) == (4, 15)


def test_of_files_that_are_too_big_nothing_is_kept_and_what_is_typed_after_them_is() -> None:
    form = came(field("files", b"a" * 60, "a.pdf"), field("files", b"b" * 60, "b.pdf"), field("note", b"kept"), END)
    assert [(part.file, bytes(part.content)) for part in form.parts] == [
        ("a.pdf", b""),
        ("b.pdf", b""),
        (None, b"kept"),
    ]
    assert form.in_files == 120


def test_two_hundred_megabytes_are_heard_and_never_held() -> None:
    chunk = b"y" * 1_000_000

    def sent() -> Iterable[bytes]:
        yield field("why", b"typed") + field("files", chunk, "a.pdf")[:-2]
        for _ in range(199):
            yield chunk
        yield b"\r\n" + field("note", b"at the end") + END

    tracemalloc.start()
    form = streamed(sent(), 10_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert form.in_files == 200_000_000
    assert [bytes(part.content) for part in form.parts] == [b"typed", b"", b"at the end"]
    assert peak < 40_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        END[:-4],
        field("why", b"x"),
        field("why", b"x").replace(b"form-data", b"nonsense") + END,
        b"--x\r\n\r\nno head\r\n" + END,
        field("why", b"x") * 1_001 + END,
        field("why", b"x").replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n") + END,
    ],
)
def test_what_is_cut_short_or_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(NotAForm):
        came(body)
