"""Reminders and digests: who is told what, when, and what became of it."""

ADDRESSES = ("notices",)
