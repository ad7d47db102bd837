"""The report for Word: the headings, sentences and tables of the PDF, with each picture told in its words.

The parts are few and written plainly, so that any reader of .docx files opens them: no macros, no links, no fonts.
"""

from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from improvement.board_reports import rules
from improvement.board_reports.document.content import Content, together
from improvement.board_reports.document.pdf import Block, sections
from improvement.web.cells import tidy
from improvement.web.tiles import Layout
from improvement.web.workbook import MADE_UP

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_MAIN = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WIDTH = 9_640
"""How wide the text of an A4 page is, in twentieths of a point."""
BULLET, FIRST_NUMBERED = 1, 2


def docx(content: Content, layout: Layout, about: Sequence[tuple[str, str]]) -> bytes:
    """A report, reduced for its reader already, for Word. The same bytes for the same content."""
    body = _Body()
    body.say(rules.FOR_WHOM[content.audience])
    body.say(content.title, style="Title")
    for what, said in about:
        body.say(together(said), before=f"{what}: ")
    if content.demonstration:
        body.say(MADE_UP, strong=True)
    if content.because:
        body.say(content.because, before="Why it is restated: ")
    for section in sections(content, layout):
        body.say(section["heading"], style="Heading1")
        for block in section["blocks"]:
            body.add(block)
    return _packed(content.title, body)


class _Body:
    """What stands in the document, from the top down."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.lists = FIRST_NUMBERED - 1
        """The number of the last numbered list: each begins with 1 again."""

    def say(self, text: str, *, style: str = "", before: str = "", strong: bool = False, numbered: int = 0) -> None:
        self.parts.append(_paragraph(text, style=style, before=before, strong=strong, numbered=numbered))

    def add(self, block: Block) -> None:
        match block["kind"]:
            case "headlines" | "numbered":
                self.lists += 1
                for item in block["items"]:
                    first, rest = item if isinstance(item, list) else ("", item)
                    self.say(rest, before=first, numbered=self.lists)
            case "items":
                for item in block["items"]:
                    self.say(item, numbered=BULLET)
            case "legend":
                for item in block["items"]:
                    self.say(f"{item['text']}: {item['number']}", numbered=BULLET)
            case "heading":
                self.say(block["text"], style="Heading2")
            case "paragraph":
                self.say(block["text"])
            case "picture":
                self.say(block["alt"])
            case "table":
                self.say(block["title"], style="Caption")
                self.parts.append(_table(block))
                self.say("")


def _paragraph(
    text: str, *, style: str = "", before: str = "", strong: bool = False, numbered: int = 0, right: bool = False
) -> str:
    how = f'<w:pStyle w:val="{style}"/>' if style else ""
    if numbered:
        how += f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{numbered}"/></w:numPr>'
    how += '<w:jc w:val="right"/>' if right else ""
    runs = (_run(before, strong=True) if before else "") + (_run(text, strong=strong) if text else "")
    return f"<w:p><w:pPr>{how}</w:pPr>{runs}</w:p>"


def _run(text: str, *, strong: bool) -> str:
    plain = escape(tidy(text).replace("\n", " "))
    return f'<w:r>{"<w:rPr><w:b/></w:rPr>" if strong else ""}<w:t xml:space="preserve">{plain}</w:t></w:r>'


def _table(block: Block) -> str:
    """A table whose headings are repeated on each page, with numbers to the right."""
    columns: list[Any] = block["columns"]
    first = WIDTH // 4
    parts = [2 if each[2] else 1 for each in columns]
    widths = [first, *((WIDTH - first) * part // sum(parts) for part in parts)]
    words = [True, *(each[2] for each in columns)]
    heads = [block["first"], *(f"{each[0]} ({each[1]})" if each[1] else each[0] for each in columns)]
    rows = [_row(heads, widths, words, strong=True, head=True)]
    for group in block["groups"]:
        if group["heading"]:
            rows.append(_row([group["heading"], *[""] * len(columns)], widths, words, strong=True))
        rows += [_told(row, widths, words) for row in group["rows"]]
    rows += [_told(row, widths, words) for row in block["foot"]]
    edges = "".join(f'<w:{side} w:val="single" w:sz="4" w:color="B1B4B6"/>' for side in ("top", "bottom", "insideH"))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    how = f'<w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblBorders>{edges}</w:tblBorders><w:tblLayout w:type="fixed"/>'
    look = '<w:tblLook w:firstRow="1" w:firstColumn="1" w:noHBand="1" w:noVBand="1"/>'
    said = f'<w:tblCaption w:val="{escape(tidy(block["title"]))}"/>'
    return f"<w:tbl><w:tblPr>{how}{look}{said}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"


def _told(row: dict[str, Any], widths: Sequence[int], words: Sequence[bool]) -> str:
    label = f"{row['label']} ({row['note']})" if row["note"] else row["label"]
    return _row([label, *row["cells"]], widths, words, strong=bool(row["total"]))


def _row(
    texts: Sequence[str], widths: Sequence[int], words: Sequence[bool], *, strong: bool, head: bool = False
) -> str:
    how = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
    cells = (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{_paragraph(text, style='Cell', strong=strong, right=not worded)}</w:tc>"
        for text, width, worded in zip(texts, widths, words, strict=True)
    )
    return f"<w:tr><w:trPr>{how}</w:trPr>{''.join(cells)}</w:tr>"


def _style(
    name: str, shown: str, size: int, *, level: int | None = None, strong: bool = False, after: int = 120
) -> str:
    outline = f'<w:keepNext/><w:spacing w:before="240" w:after="{after}"/><w:outlineLvl w:val="{level}"/>'
    how = outline if level is not None else f'<w:spacing w:after="{after}"/>'
    looks = ("<w:b/>" if strong else "") + f'<w:sz w:val="{size * 2}"/>'
    named = f'<w:name w:val="{shown}"/><w:basedOn w:val="Normal"/>'
    return f'<w:style w:type="paragraph" w:styleId="{name}">{named}<w:pPr>{how}</w:pPr><w:rPr>{looks}</w:rPr></w:style>'


def _styles() -> str:
    default = '<w:rPr><w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:cs="Arial"/><w:sz w:val="22"/><w:lang w:val="en-GB"/>'
    return (
        f"{_HEAD}<w:styles {_MAIN}><w:docDefaults><w:rPrDefault>{default}</w:rPr></w:rPrDefault></w:docDefaults>"
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        '<w:pPr><w:spacing w:after="120"/></w:pPr></w:style>'
        + _style("Title", "Title", 24, strong=True)
        + _style("Heading1", "heading 1", 16, level=0, strong=True)
        + _style("Heading2", "heading 2", 13, level=1, strong=True)
        + _style("Caption", "caption", 11, strong=True)
        + _style("Cell", "Cell", 9, after=20)
        + "</w:styles>"
    )


def _numbering(lists: int) -> str:
    def level(number: int, form: str, text: str) -> str:
        how = '<w:pPr><w:ind w:left="500" w:hanging="360"/></w:pPr>'
        one = f'<w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>{how}'
        return f'<w:abstractNum w:abstractNumId="{number}"><w:lvl w:ilvl="0">{one}</w:lvl></w:abstractNum>'

    numbers = range(FIRST_NUMBERED, lists + 1)
    kinds = level(BULLET, "bullet", "•") + "".join(level(number, "decimal", "%1.") for number in numbers)
    used = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>' for number in (BULLET, *numbers)
    )
    return f"{_HEAD}<w:numbering {_MAIN}>{kinds}{used}</w:numbering>"


def _relations(each: Iterable[tuple[str, str]]) -> str:
    told = "".join(
        f'<Relationship Id="r{at}" Type="{kind}" Target="{target}"/>' for at, (kind, target) in enumerate(each, 1)
    )
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'


def _packed(title: str, body: _Body) -> bytes:
    """The parts of the file, each dated alike, so that the same report is the same file."""
    margins = '<w:pgMar w:top="1020" w:right="1130" w:bottom="1130" w:left="1130" w:header="500" w:footer="500"/>'
    page = f'<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>{margins}</w:sectPr>'
    kinds = {"document": "document.main+xml", "styles": "styles+xml", "numbering": "numbering+xml"}
    types = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPE}.{kind}"/>' for name, kind in kinds.items()
    )
    core = "application/vnd.openxmlformats-package.core-properties+xml"
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/docProps/core.xml" ContentType="{core}"/>'
    )
    named = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    properties = f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" {named}>'
    parts = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">{defaults}{types}</Types>',
        "_rels/.rels": _relations(
            [
                (f"{_OFFICE}/officeDocument", "word/document.xml"),
                (f"{_PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
            ]
        ),
        "docProps/core.xml": f"{_HEAD}{properties}<dc:title>{escape(title)}</dc:title>"
        "<dc:language>en-GB</dc:language></cp:coreProperties>",
        "word/document.xml": f"{_HEAD}<w:document {_MAIN}><w:body>{''.join(body.parts)}{page}</w:body></w:document>",
        "word/styles.xml": _styles(),
        "word/numbering.xml": _numbering(body.lists),
        "word/_rels/document.xml.rels": _relations(
            [(f"{_OFFICE}/styles", "styles.xml"), (f"{_OFFICE}/numbering", "numbering.xml")]
        ),
    }
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(ZipInfo(name, (2011, 4, 1, 0, 0, 0)), text, ZIP_DEFLATED)
    return kept.getvalue()
