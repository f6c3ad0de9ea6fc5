import pytest

from cyber360.exceptions import BadInput
from cyber360.files.names import clean_name, extension_of


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plan.docx", "plan.docx"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\sam\\plan.docx", "plan.docx"),
        ("/plan.docx", "plan.docx"),
        ("Cafe\u0301.txt", "Café.txt"),
        ("plan\u202excod.exe", "planxcod.exe"),
        ("\u2066plan\u2069.pdf", "plan.pdf"),
        ("pl\x00an\x1b.pdf", "plan.pdf"),
        ("plan\r\nSet-Cookie: a.pdf", "plan Set-Cookie- a.pdf"),
        ("  plan   of \t work .pdf ", "plan of work .pdf"),
        ("plan.pdf. . .", "plan.pdf"),
        ('a<b>:"|?*.pdf', "a-b------.pdf"),
        ("CON.txt", "file-CON.txt"),
        ("lpt1.pdf", "file-lpt1.pdf"),
        ("console.txt", "console.txt"),
        ("Cynllun ymateb – Tŷ'r Cyngor.docx", "Cynllun ymateb – Tŷ'r Cyngor.docx"),
        ("خطة.pdf", "خطة.pdf"),
        ("Secrets management policy.docx", "Secrets management policy.docx"),
        ("Company Secretary.docx", "Company Secretary.docx"),
        ("Top secretary of the year.docx", "Top secretary of the year.docx"),
        ("OFFICIAL-SENSITIVE plan.docx", "OFFICIAL-SENSITIVE plan.docx"),
    ],
)
def test_cleaned(given, kept):
    assert clean_name(given) == kept


def test_a_long_name_is_shortened_before_its_extension():
    assert clean_name("a" * 296 + ".pdf") == "a" * 146 + ".pdf"
    assert clean_name("b" * 300) == "b" * 150
    assert clean_name("c" * 100 + "." + "d" * 200) == "c" * 100 + "." + "d" * 49


@pytest.mark.parametrize("given", ["", "   ", "...", "/", "\u202e", "\x00", "a/.."])
def test_a_name_of_nothing_is_refused(given):
    with pytest.raises(BadInput, match="has no name"):
        clean_name(given)


@pytest.mark.parametrize(
    "given", ["SECRET plan.pdf", "plan_SECRET.pdf", "TOP SECRET.pdf", "top-secret plan.pdf", "UK TOP_SECRET x.pdf"]
)
def test_a_marking_above_official_is_refused(given):
    with pytest.raises(BadInput, match=r"carries the marking .*SECRET"):
        clean_name(given)


@pytest.mark.parametrize(
    ("name", "extension"),
    [
        ("a.PDF", "pdf"),
        ("a.pdf.exe", "exe"),
        ("a", ""),
        (".htaccess", ""),
        ("a.", ""),
        ("a.b c", ""),
        ("a." + "x" * 11, ""),
    ],
)
def test_extension(name, extension):
    assert extension_of(name) == extension
