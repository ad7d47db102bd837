"""What the 360Giving Data Standard 1.4 asks of a file of grants, put down anew from its published reference.

Stricter than the standard where it leaves open what we promise: no field it does not know, amounts above zero with two
decimals at most, and one recipient, funder and programme for each grant.
"""

from typing import Any

DAY = {"type": "string", "pattern": r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"}
MOMENT = {"type": "string", "format": "date-time"}
ADDRESS = {"type": "string", "format": "uri", "pattern": "^https?://"}
WORDS = {"type": "string", "minLength": 1}
POUNDS = {"type": "number", "multipleOf": 0.01}


def these(properties: dict[str, Any], *may_be_left_out: str) -> dict[str, Any]:
    """An object of these fields, all of which must be there but some, and no other."""
    required = [name for name in properties if name not in may_be_left_out]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def one(what: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "maxItems": 1, "items": what}


ORGANISATION = these({"id": {"type": "string", "pattern": r"^(360G|GB-[A-Z]+)-[\w-]+$"}, "name": WORDS})
PLACE = these(
    {
        "name": WORDS,
        "countryCode": {"const": "GB"},
        "geoCode": {"type": "string", "pattern": r"^E12\d{6}$"},
        "geoCodeType": {"const": "RGN/GOR"},
    }
)
PLANNED = these({"startDate": DAY, "endDate": DAY, "duration": {"type": "number", "minimum": 0}})
TRANSACTION = these(
    {
        "id": WORDS,
        "transactionDate": DAY,
        "currency": {"const": "GBP"},
        "value": POUNDS,
        "description": {"enum": ["Payment", "Refund"]},
        "provider": WORDS,
        "recipient": WORDS,
    }
)
GRANT = these(
    {
        "id": {"type": "string", "pattern": r"^360G-[\w-]+$"},
        "title": {"type": "string", "minLength": 1, "maxLength": 140},
        "description": WORDS,
        "currency": {"const": "GBP"},
        "amountAwarded": {**POUNDS, "exclusiveMinimum": 0},
        "amountDisbursed": {**POUNDS, "minimum": 0},
        "awardDate": DAY,
        "plannedDates": one(PLANNED),
        "recipientOrganization": one(ORGANISATION),
        "beneficiaryLocation": one(PLACE),
        "fundingOrganization": one(ORGANISATION),
        "grantProgramme": one(these({"code": WORDS, "title": WORDS})),
        "fromOpenCall": {"enum": ["Yes", "No"]},
        "locationScope": {"const": "GLS040"},
        "disbursementTransaction": {"type": "array", "uniqueItems": True, "items": TRANSACTION},
        "dateModified": MOMENT,
        "dataSource": ADDRESS,
    },
    "plannedDates",
    "disbursementTransaction",
)
PACKAGE = these(
    {
        "version": {"type": "string", "pattern": r"^\d+\.\d+$"},
        "title": WORDS,
        "description": WORDS,
        "identifier": WORDS,
        "publisher": these({"name": WORDS}),
        "modified": MOMENT,
        "downloadURL": ADDRESS,
        "accessURL": ADDRESS,
        "grants": {"type": "array", "minItems": 1, "uniqueItems": True, "items": GRANT},
    }
)
"""A file with grants. One without them is not a file of the standard yet."""
