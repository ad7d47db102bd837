"""The words money is entered in: what a field is called when it is wrong, and how a form asks for it."""

from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta

from improvement.money import MOST

Amount = Annotated[int, Meta(gt=0, le=MOST, title="the amount", extra={"is": "money"})]
Day = Annotated[date | None, Meta(title="the day this is true from")]
Note = Annotated[str, Meta(title="the note", max_length=2000)]
Why = Annotated[str, Meta(title="the reason", max_length=1000)]
Reference = Annotated[str, Meta(title="the reference", max_length=100)]
Name = Annotated[str, Meta(title="the MoU", max_length=60)]
LineName = Annotated[str, Meta(title="the funding line", max_length=60, extra={"is": "chosen"})]
Host = Annotated[str, Meta(title="the host organisation", max_length=200)]
Decision = Annotated[str, Meta(title="the reference of the Board’s decision", max_length=100)]
Ref = Annotated[str, Meta(title="the reference", max_length=20)]


class Field(msgspec.Struct, frozen=True):
    """A question on a form. `widget` is how it is asked."""

    name: str
    widget: str
    label: str
    hint: str = ""
    optional: bool = False


class Form(msgspec.Struct, frozen=True):
    """A form that records one kind of thing: where it is, what it says, and what follows."""

    address: str
    title: str
    lede: str
    button: str
    fields: tuple[Field, ...]


LINE = Field("line", "line", "Funding line")
AMOUNT = Field("amount_pence", "money", "Amount")
REFERENCE = Field("reference", "text", "Reference", "An invoice, order or bank reference that others can find", True)
WHY = Field("why", "area", "Why?", "One or two sentences, kept with the entry")
WHY_NOT = Field("why", "area", "Why?", "One or two sentences, kept with the entry", True)
FROM_DAY = Field("effective_on", "day", "From which day?", "Today or earlier. For example, 8 12 2011")
DECISION = Field("decision_reference", "text", "Reference of the Board’s decision", "Where there was one", True)
NOTE = Field("note", "area", "Note", "Anything a reader should know", True)
MONEY_DAY = "The day the money moved. For example, 8 12 2011"
