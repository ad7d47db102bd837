"""Money is whole pence, never floating point: reading what people type, writing it, sharing a sum out exactly."""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Annotated

import msgspec

from improvement.errors import Refused

MOST = 99_999_999_999_99
"""The largest sum we take, in pence: just under a hundred thousand million pounds."""

Pence = Annotated[int, msgspec.Meta(gt=0, le=MOST, extra={"is": "money"})]
"""An amount above zero, in whole pence."""

_POUNDS = re.compile(r"(?P<pounds>\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.(?P<pence>\d+))?")


class NotAnAmount(Refused):
    """What was typed is not a sum of money above zero."""


def parse_pounds(text: str) -> int:
    """Pence from what a person types: “£1,234.50”, “1234.5”, “1234”. Raises `NotAnAmount` with what to do."""
    tidy = text.strip().replace("\u00a0", " ")
    if tidy.startswith(("-", "−", "(")):
        raise NotAnAmount("Enter an amount above zero. To take money away, record a release, virement or refund.")
    found = _POUNDS.fullmatch(tidy.removeprefix("£").strip()) if len(tidy) <= 30 and tidy.isprintable() else None
    if found is None or not tidy.removeprefix("£").isascii():
        raise NotAnAmount("Enter an amount in pounds and pence, like 1,234.50.")
    pence = found["pence"] or ""
    if len(pence) > 2:
        raise NotAnAmount("Enter no more than two figures after the point: money is counted in whole pence.")
    amount = int(found["pounds"].replace(",", "").replace(" ", "")) * 100 + int((pence + "00")[:2])
    if amount == 0:
        raise NotAnAmount("Enter an amount above zero.")
    if amount > MOST:
        raise NotAnAmount(f"Enter an amount of {in_pounds(MOST)} or less.")
    return amount


class NotAShare(Refused):
    """What was typed is not a number with up to two decimals."""


def parse_hundredths(text: str) -> int:
    """Hundredths from a number with up to two decimals, as a whole-time equivalent or a percentage is typed: “0.6”,
    “12.5%”. Raises `NotAShare`."""
    tidy = text.strip().removesuffix("%").strip()
    found = re.fullmatch(r"(\d{1,6})(?:\.(\d{1,2}))?", tidy, re.ASCII)
    if found is None:
        raise NotAShare("Enter a number with no more than two figures after the point, like 0.60.")
    return int(found[1]) * 100 + int(((found[2] or "") + "00")[:2])


def in_hundredths(hundredths: int) -> str:
    """A number of hundredths as people write it: 0.60, 12.50."""
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def in_pounds(pence: int) -> str:
    """An amount as people write it: £61,111.11, with a true minus sign when below zero."""
    sign, whole = ("\u2212", -pence) if pence < 0 else ("", pence)
    return f"{sign}£{whole // 100:,}.{whole % 100:02d}"


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Share a sum in proportion to whole-number weights, to the penny, adding up exactly (largest remainder).

    Equal remainders are settled in the order given. Raises `ValueError` when no weight is above zero.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("there is nobody to share this with")
    exact = [Fraction(total * weight, whole) for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda at: (shares[at] - exact[at], at))
    for at in by_remainder[: total - sum(shares)]:
        shares[at] += 1
    return shares
