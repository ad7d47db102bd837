"""A message's text as a page: the same words, headings over lists, and links that say where they lead."""

from improvement.web.letters import Block, Piece, as_page, blocks

TEXT = """Hello,

This is a reminder,
on two lines.

Local accounts 2011/12 expected on 16 December 2011, in 7 working days:
- Brent (no day yet)
  https://t.example.org/brent
If what we have is still correct, say so here:
https://t.example.org/confirm/x
- Camden
  https://t.example.org/camden

All councils of London:
https://t.example.org/london?a=1&b=2

You get this because you are there. To stop:
https://t.example.org/stop

Put it right, or say that it is correct: https://t.example.org/put-right.
"""


def test_what_stands_above_a_list_is_its_heading_and_addresses_become_links_with_words() -> None:
    brent, again = Piece("Brent (no day yet)", "https://t.example.org/brent"), "https://t.example.org/confirm/x"
    assert blocks(TEXT) == [
        Block("paragraph", [Piece("Hello,")]),
        Block("paragraph", [Piece("This is a reminder,"), Piece(" "), Piece("on two lines.")]),
        Block("heading", [Piece("Local accounts 2011/12 expected on 16 December 2011, in 7 working days")]),
        Block(
            "list",
            items=[
                [brent, Piece(" "), Piece("If what we have is still correct, say so here", again)],
                [Piece("Camden", "https://t.example.org/camden")],
            ],
        ),
        Block("paragraph", [Piece("All councils of London", "https://t.example.org/london?a=1&b=2")]),
        Block(
            "paragraph", [Piece("You get this because you are there. "), Piece("To stop", "https://t.example.org/stop")]
        ),
        Block(
            "paragraph",
            [
                Piece("Put it right, or say that it is correct: "),
                Piece("https://t.example.org/put-right", "https://t.example.org/put-right"),
                Piece("."),
            ],
        ),
    ]


def test_the_page_has_its_language_one_first_heading_and_fetches_nothing() -> None:
    page = as_page("A reminder", TEXT)
    assert '<html lang="en">' in page
    assert page.count("<h1>") == 1
    assert "<h1>A reminder</h1>" in page
    assert '<a href="https://t.example.org/london?a=1&amp;b=2">All councils of London</a>' in page
    assert not any(tag in page for tag in ("<img", "<table", "<link", "<script", "url(", "@import", " src="))


def test_what_people_typed_is_text_and_never_markup_nor_a_link_that_runs() -> None:
    page = as_page("<b>", 'It is wrong: <img src=x onerror=a> javascript:alert(1) https://x.org/"onclick=b\n')
    assert "<b>" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert '<a href="https://x.org/">https://x.org/</a>' in page


def test_an_address_alone_is_a_link_that_shows_itself() -> None:
    assert blocks("Open this link:\n\nhttps://t.example.org/s\n")[1] == Block(
        "paragraph", [Piece("https://t.example.org/s", "https://t.example.org/s")]
    )
