"""What people attach: kept only if it is what its name says it is, under a name that harms nobody."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from improvement.web.uploads import NotEvidence, check_evidence, what_is_wrong

MOST = 9_000_000
PDF = b"%PDF-1.7\n"
PNG = b"\x89PNG\r\n\x1a\n0000"
JPEG = b"\xff\xd8\xff\xe0"


def office(*parts: str) -> bytes:
    """A file as Word or Excel make them, as far as its list of parts."""
    kept = BytesIO()
    with ZipFile(kept, "w") as made:
        for part in ("[Content_Types].xml", *parts):
            made.writestr(part, "<x/>")
    return kept.getvalue()


WORD, EXCEL = office("word/document.xml"), office("xl/workbook.xml")


def name_of(name: str, body: bytes = PDF) -> str:
    """What a file is called once it is taken."""
    return check_evidence([(name, body)], MOST)[0][0]


def refusal(name: str, body: bytes) -> str:
    with pytest.raises(NotEvidence) as turned_down:
        check_evidence([(name, body)], MOST)
    assert turned_down.value.field == "files"
    assert what_is_wrong([(name, body)], MOST) == turned_down.value.message
    return turned_down.value.message


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("A.PDF", PDF, "application/pdf"),
        ("a.png", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.csv", b"day,hours\r\n1,2\r\n", "text/csv"),
        ("a.csv", "day,£\n".encode("utf-16"), "text/csv"),
        ("a.docx", WORD, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a.xlsx", EXCEL, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ],
)
def test_a_file_of_a_kind_we_know_is_taken_as_what_it_is(name: str, body: bytes, media_type: str) -> None:
    assert check_evidence([(name, body)], MOST) == [(name, media_type, body)]
    assert what_is_wrong([(name, body)], MOST) == ""


@pytest.mark.parametrize(
    "name", ["a.exe", "a.pdf.exe", "a.html", "a.svg", "a.zip", "a.xlsm", "a.doc", "pdf", ".pdf", "a.pdf ", "a.pdf."]
)
def test_a_file_of_another_kind_is_refused_whatever_it_holds(name: str) -> None:
    if name.strip(" .") == "a.pdf":
        assert name_of(name) == "a.pdf"
        return
    assert "Send PDF, Word (.docx), Excel (.xlsx), CSV, PNG or JPEG." in refusal(name, PDF)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("program.pdf", b"MZ\x90\x00"),
        ("page.pdf", b"<html><script>"),
        ("picture.png", JPEG),
        ("picture.jpg", PNG),
        ("sheet.xlsx", WORD),
        ("letter.docx", EXCEL),
        ("zip.docx", office("run.exe")),
        pytest.param("cut.xlsx", EXCEL[:60], id="cut.xlsx"),  # its bytes say when it was made
        ("begins.docx", b"PK\x03\x04"),
        ("bytes.csv", b"day\0hours"),
        ("latin.csv", b"caf\xe9,1"),
        ("lone.csv", b"\xff\xfe\x00"),
        ("macro.xlsx", office("xl/workbook.xml", "xl/vbaProject.bin")),
        ("macro.docx", office("word/document.xml", "word/VBAPROJECT.BIN")),
        ("old-macro.xlsx", office("xl/workbook.xml", "xl/macrosheets/sheet1.xml")),
    ],
)
def test_a_file_that_is_not_what_its_name_says_or_that_runs_is_refused(name: str, body: bytes) -> None:
    assert f"“{name}” is not what its name says it is" in refusal(name, body)


def test_an_empty_file_and_one_that_is_too_big_are_refused_by_name() -> None:
    assert refusal("a.pdf", b"") == "“a.pdf” is empty. Choose the file again."
    assert refusal("a.pdf", PDF + bytes(MOST)) == "“a.pdf” is larger than 9 MB. Send a smaller copy."
    exactly = PDF + bytes(MOST - len(PDF))
    assert name_of("a.pdf", exactly) == "a.pdf"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("..\\..\\evil.pdf", "evil.pdf"),
        ("../../etc/evil.pdf", "evil.pdf"),
        ("C:\\Users\\Lee\\My files\\invoice 7.pdf", "invoice 7.pdf"),
        ("\\\\server\\share\\a.pdf", "a.pdf"),
        ("a\r\nSet-Cookie: b=c.pdf", "aSet-Cookie: b=c.pdf"),
        ("a\0.pdf", "a.pdf"),
        ("invoice\u202efdp.pdf", "invoicefdp.pdf"),
        ('a"; filename="b.pdf', 'a"; filename="b.pdf'),
        ("…été 2011.pdf", "…été 2011.pdf"),
        ("..pdf.pdf", "pdf.pdf"),
    ],
)
def test_of_a_name_only_what_harms_nobody_is_kept(name: str, kept: str) -> None:
    assert name_of(name) == kept


def test_a_name_of_three_hundred_signs_keeps_its_end() -> None:
    kept = name_of("x" * 300 + ".pdf")
    assert len(kept) == 100
    assert kept.endswith("x.pdf")


def test_two_files_of_one_name_are_told_apart_and_the_same_bytes_are_taken_once() -> None:
    files = [("a.pdf", PDF), ("A.pdf", PDF + b"2"), ("a (2).pdf", PDF + b"3"), ("a.pdf", PDF + b"4"), ("b.pdf", PDF)]
    names = [name for name, _, _ in check_evidence(files, MOST)]
    assert names == ["a.pdf", "A (2).pdf", "a (2) (2).pdf", "a (3).pdf"]


def test_every_file_at_fault_is_named_and_nothing_is_taken() -> None:
    with pytest.raises(NotEvidence) as turned_down:
        check_evidence([("a.pdf", b""), ("b.pdf", PDF), ("c.exe", b"MZ")], MOST)
    assert "“a.pdf” is empty" in turned_down.value.message
    assert "“c.exe” cannot be kept" in turned_down.value.message
    assert "b.pdf" not in turned_down.value.message


@given(st.lists(st.tuples(st.text(max_size=120), st.binary(max_size=20)), max_size=6))
def test_whatever_is_sent_is_taken_under_safe_names_or_refused(files: list[tuple[str, bytes]]) -> None:
    try:
        taken = check_evidence([(f"{name}.csv", body) for name, body in files], MOST)
    except NotEvidence:
        return
    names = [name for name, _, _ in taken]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert name.isprintable()
        assert not {"/", "\\"} & set(name)
