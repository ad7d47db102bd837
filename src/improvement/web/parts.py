"""A form with files as a browser sends it, read while it comes: what was typed is kept whatever the files weigh."""

from collections.abc import AsyncIterator

import msgspec
from multipart import MultipartError, MultipartSegment, PushMultipartParser  # type: ignore[import-untyped]

MOST_PARTS = 1_000
"""How many fields and files one form has at most."""


class NotAForm(Exception):
    """What came is no form that can be read, or is cut short."""


class Part(msgspec.Struct):
    """One field, or one file under the name it was said to have. Of files that are too big the content is left out."""

    field: str
    content: bytearray
    file: str | None = None


class Form(msgspec.Struct, frozen=True):
    """Every part that came, and how many bytes the files and the typed text took, kept or not."""

    parts: list[Part]
    in_files: int
    typed: int


async def read(stream: AsyncIterator[bytes], boundary: str, most_in_files: int, most_typed: int) -> Form:
    """Read a form to its end. Once its files, or its text, take more than that, their content is let go, and so is what
    follows of it: no more than the two together is ever held. Raises `NotAForm`."""
    reading = _Reading(most_in_files, most_typed)
    try:
        # Leaving the parser says that nothing more comes: a form that is cut short is refused.
        with PushMultipartParser(boundary, max_segment_count=MOST_PARTS) as parser:
            async for chunk in stream:
                for found in parser.parse(chunk) if chunk else ():
                    reading.take(found)
    except (MultipartError, ValueError, LookupError):
        raise NotAForm from None
    return Form(reading.parts, reading.in_files, reading.typed)


class _Reading:
    """What has come so far."""

    def __init__(self, most_in_files: int, most_typed: int) -> None:
        self.parts: list[Part] = []
        self.in_files = self.typed = 0
        self._most = most_in_files, most_typed

    def take(self, found: MultipartSegment | bytes | None) -> None:
        """The head of a part, some of its content, or (none) its end."""
        if isinstance(found, MultipartSegment):
            if found.charset and found.charset.lower() not in ("utf-8", "us-ascii"):
                raise NotAForm
            self.parts.append(Part(found.name, bytearray(), found.filename))
        elif found:
            self._keep(self.parts[-1], found)

    def _keep(self, part: Part, content: bytes) -> None:
        in_files, typed = self._most
        if part.file is None:
            self.typed += len(content)
            if self.typed <= typed:
                part.content += content
            return
        self.in_files += len(content)
        if self.in_files <= in_files:
            part.content += content
        else:
            for each in self.parts:
                if each.file is not None:
                    each.content = bytearray()
