"""Inviting people, their roles and where these hold, leaving, and one's own page."""

ADDRESSES = ("people", "me")
