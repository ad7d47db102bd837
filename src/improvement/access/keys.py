"""Random secrets, the hashes we keep of them, and signatures bound to one browser."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and figures that are not mistaken for one another."""


def new_secret() -> str:
    """256 bits nobody can guess."""
    return secrets.token_urlsafe(32)


def six_digits() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


def reference(prefix: str) -> str:
    """A short random reference that people can quote: C-7K4M2."""
    return f"{prefix}-" + "".join(secrets.choice(ALPHABET) for _ in range(5))


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def signature(key: str, purpose: str, text: str) -> str:
    return hmac.new(key.encode(), f"{purpose}:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def matches(given: str, expected: str) -> bool:
    """Compared as bytes and in constant time; whatever was sent, this answers."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def sealed(key: str, purpose: str, text: str) -> str:
    """Text a browser may keep for us and cannot change."""
    body = urlsafe_b64encode(text.encode()).decode()
    return f"{body}.{signature(key, purpose, body)}"


def unsealed(key: str, purpose: str, kept: str) -> str | None:
    """The text, if it is as we sealed it."""
    body, _, signed = kept.partition(".")
    if not matches(signed, signature(key, purpose, body)):
        return None
    return urlsafe_b64decode(body.encode()).decode()
