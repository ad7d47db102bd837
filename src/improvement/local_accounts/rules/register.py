"""The public register: what somebody who looks for words finds."""


def fits(text: str, words: str) -> bool:
    """Whether a text has every one of some words in it, whole or in part, in whatever order."""
    within = text.casefold()
    return all(word in within for word in words.casefold().split())
