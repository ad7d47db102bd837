"""Text as people type it: whether it says anything, and whether it can be kept. Forms, files and facts ask here."""

import re
import unicodedata

_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Signs that are none to read: control characters, halves of a pair, and marks that turn the text round."""
_SILENT = ("C", "M", "Z")
"""The kinds of sign that show nothing by themselves: control and format characters, marks on letters, and spaces."""
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"
"""Letters and signs that are drawn as nothing."""


def says(text: str) -> bool:
    """Whether there is anything to read in a text: a zero-width space says nothing."""
    return any(unicodedata.category(sign)[0] not in _SILENT and sign not in _BLANK for sign in text)


def said(text: str) -> str:
    """What a text says, without the spaces round it: nothing when there is nothing to read in it."""
    return text.strip() if says(text) else ""


def can_be_kept(text: str) -> bool:
    """Whether every sign of a text is one to read, or a space."""
    return _UNKEPT.search(text) is None
