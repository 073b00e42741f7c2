"""What a country, a note or a file may say is shown in every document as it is, and nothing of it is carried out."""

from __future__ import annotations

import html
import io
import json
import re
import shutil
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typst
from playwright.sync_api import Browser

from corrtip import project
from corrtip.errors import ReportError
from corrtip.report.artifacts import Results
from corrtip.report.rendering import Built, build_report
from corrtip.report.style import new_axes
from corrtip.report.tables import Table

HOSTILE = {
    "tags": "<b>x</b> <script>document.title='y'</script> <img src=x onerror=\"document.title='z'\"> <!-- c -->",
    "closing": "</svg></td></script><style>*{display:none}</style> --> ]]> <![CDATA[",
    "addresses": "[a](javascript:alert(1)) <javascript:alert(2)> <https://example.org> https://example.org/b",
    "pictures": "![a](https://example.org/a.png) ![b](secret.png) ![c](file:///etc/passwd) [d]: /e",
    "blocks": '```{=html}\n<script>alert(3)</script>\n``` `#read("secret.txt")`{=typst} `<w:p/>`{=openxml}',
    "attributes": '[x]{.y onclick=alert(4)} {#id .c k=v} ::: {.answer} x" onmouseover="alert(5)} ) ]',
    "formulas": "$x$ $$y$$ \\(z\\) \\[w\\] 1+1 =2+2|cmd",
    "tex": "\\input{secret.txt} \\write18{id} \\begin{verbatim} % & # ^^5c",
    "typst": '#read("secret.txt") #import "secret.typ": * #eval("1") #{x} $a$ @ref <label> // c /* d */ \\u{41}',
    "holes": "{{n}} {{secret}} {{ }} }} {{",
    "references": "@mccullagh1980 [@nobody1900] -@x [^1] ^[note] (@ex) [](#table-t-tags)",
    "blocks of pandoc": "::: {#origins} ::: {#refs} ::: --- title: x ---",
    "entities": "&lt;b&gt; &#60;script&#62; &amp;",
    "lines": "one\ntwo\r\nthree\u2028four\x0bfive\x85six",
    "bars": "a|b||c\\|d +---+ \\",
    "words": "W" * 300,
    "starts": "1. x",
    "heads": "# x",
    "field": '{ INCLUDETEXT "secret.txt" }',
}
SHOWN = {name: " ".join(text.split()) for name, text in HOSTILE.items()} | {
    "direction": "Ann[U+202E]eihtab[U+202C]",
    "controls": "nul[U+0000]esc[U+001B][U+FEFF][U+E0041][U+FFFE]",
}
SAID = HOSTILE | {"direction": "Ann\u202eeihtab\u202c", "controls": "nul\0esc\x1b\ufeff\U000e0041\ufffe"}
# In typst's own HTML, which says what it took a source for, contents of `align` are left out.
LOOSE = b"#show align: it => it.body\n#set smartquote(enabled: false)\n#let horizontalrule = []\n"
SECRET = "what no document may read"


def table(text: str) -> Table:
    """Return a table that says ``text`` wherever a table says something."""
    return Table(
        caption=f"Caption {text}",
        columns=("a", f"Head {text}"),
        align="lr",
        rows=((f"Cell {text}", "1"), ("y", text)),
        note=f"Note {text}",
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small checkout whose one notebook saved hostile texts, with files beside it that they ask for."""
    root = tmp_path_factory.mktemp("hostile")
    shutil.copytree(project.require_checkout("tests") / "report", root / "report")
    for folder in ("data", "notebooks", "build/notebooks"):
        (root / folder).mkdir(parents=True)
    for name in ("data/a.csv", "notebooks/01_x.ipynb", "build/notebooks/01_x.ipynb", "build/notebooks/01_x.html"):
        (root / name).write_text("{}")
    for folder in ("", "build", "report"):
        for name in ("secret.txt", "secret.typ", "secret.png"):
            (root / folder / name).write_text(f'#let x = "{SECRET}"')
    results = Results(root / "build/results/01_x", ["data/a.csv"])
    results.number("secret", 4321, "count")
    prose = ["---\ntitle: T\nlang: en\n---\n\n# First"]
    for place, (name, text) in enumerate(SAID.items()):
        results.number(f"n{place}", 1, "count")
        record = results.folder / f"n{place}.json"
        kept = json.loads(record.read_text())
        kept["number"]["text"] = text
        record.write_text(json.dumps(kept))
        results.sentence(f"s{place}", f"Sentence {text}")
        results.table(f"t{place}", table(text))
        axes = new_axes(2, 1)
        axes.set_xlabel(name)
        results.figure(f"f{place}", axes, caption=f"Drawn {text}", alt=f"Words {text}")
        prose += [f"Inside {{{{n{place}}}}} and {{{{s{place}}}}}.", f"{{{{n{place}}}}}"]
        prose += [f"{{{{t{place}}}}}", f"{{{{f{place}}}}}"]
    (root / "report/report.md").write_text(
        "\n\n".join([*prose, "::: {#refs}\n:::\n\n# Where\n\n::: {#origins}\n:::\n"])
    )
    return root


@pytest.fixture(scope="module")
def typeset(root: Path) -> tuple[Built, bytes]:
    """Build the three documents; the second is what typst was given."""
    given: list[bytes] = []
    real = typst.Compiler

    def compiler(input: bytes, root: str, ignore_system_fonts: bool) -> typst.Compiler:
        given.append(input)
        return real(input, root=root, ignore_system_fonts=ignore_system_fonts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typst, "Compiler", compiler)
        built = build_report(root)
    return built, given[0]


@pytest.fixture(scope="module")
def built(typeset: tuple[Built, bytes]) -> Built:
    """The three documents."""
    return typeset[0]


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.lasttag not in {"style", "script"}:
            self.text += data


def letters(text: str) -> str:
    """Return ``text`` without blanks: where lines are broken is the document's affair."""
    return re.sub(r"[\s\u200b]+", "", text)


def evaluated(source: bytes, root: Path) -> str:
    """Return the letters of what typst makes of a source."""
    made = typst.Compiler(input=LOOSE + source, root=str(root), ignore_system_fonts=True).compile(format="html")
    assert isinstance(made, bytes)
    return letters(html.unescape(re.sub(r"<[^>]*>", "", made.decode())))


def test_the_page_says_every_text_where_it_was_given(built: Built) -> None:
    page = Elements(built.report.read_text(encoding="utf-8"))
    said = letters(page.text)
    for text in SHOWN.values():
        for beginning in ("Inside ", "Sentence ", "Caption ", "Head ", "Cell ", "Note ", "Drawn "):
            assert letters(beginning + text) in said
    words = [attributes["aria-label"] for tag, attributes in page.elements if tag == "svg"]
    assert words == [f"Words {text}" for text in SHOWN.values()]


def test_the_page_has_no_element_attribute_or_address_of_theirs(built: Built) -> None:
    page = Elements(built.report.read_text(encoding="utf-8"))
    tags = [tag for tag, _ in page.elements]
    assert not {"b", "iframe", "img", "object", "math", "w:p", "input", "annotation"} & set(tags)
    assert tags.count("script") == tags.count("style") == 1
    attributes = [attribute for _, attributes in page.elements for attribute in attributes.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or name in {"src", "style", "k"}]
    addresses = {value for name, value in attributes if name == "href" and not (value or "").startswith("#")}
    assert addresses == set()
    assert page.text.count("4,321") == 0


def test_a_browser_carries_nothing_out(built: Built, browser: Browser) -> None:
    context = browser.new_context()
    tab = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("dialog", lambda dialog: said.append(dialog.message))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(built.report.as_uri())
    for button in tab.locator("#table-t0 th button").all():
        button.click()
    assert (tab.title(), said, asked) == ("T", [], [built.report.as_uri()])
    context.close()


def test_the_pdf_says_every_text_and_leads_nowhere(typeset: tuple[Built, bytes], root: Path) -> None:
    built, source = typeset
    said = evaluated(source, root / "build")
    for text in SHOWN.values():
        for beginning in ("Inside ", "Sentence ", "Caption ", "Head ", "Cell ", "Note ", "Drawn "):
            assert letters(beginning + text) in said
    assert letters(SECRET) not in said
    made = built.pdf.read_bytes()
    assert b"/URI" not in made
    assert not re.findall(rb"/(?:JavaScript|JS|Launch|EmbeddedFiles|GoToR|SubmitForm|AA|OpenAction)\b", made)


def test_the_word_file_says_every_text_and_names_nothing_outside(built: Built) -> None:
    with zipfile.ZipFile(built.word) as held:
        parts = {name: held.read(name) for name in held.namelist()}
    for name, part in parts.items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(part)
    document = parts["word/document.xml"].decode()
    said = letters(html.unescape(re.sub(r"<[^>]*>", "", document)))
    for text in SHOWN.values():
        for beginning in ("Inside ", "Sentence ", "Caption ", "Head ", "Cell ", "Note ", "Drawn "):
            assert letters(beginning + text) in said
    assert not [name for name, part in parts.items() if b'TargetMode="External"' in part]
    assert not re.findall(r"<w:(?:instrText|fldSimple|altChunk|object)\b|<m:oMath", document)
    assert SECRET.encode() not in b"".join(parts.values())


@pytest.mark.parametrize("name", SAID)
def test_a_table_in_typst_is_set_as_it_was_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(SECRET)
    (tmp_path / "secret.typ").write_text(f'#let x = "{SECRET}"')
    said = evaluated(table(SAID[name]).to("typst").encode(), tmp_path)
    for beginning in ("Caption ", "Head ", "Cell ", "Note "):
        assert letters(beginning + SHOWN[name]) in said
    assert letters(SECRET) not in said


@pytest.mark.parametrize("name", SAID)
def test_a_table_in_word_is_whole_and_names_nothing_outside(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(table(SAID[name]).to("docx"))) as held:
        parts = {part: held.read(part) for part in held.namelist() if part.endswith((".xml", ".rels"))}
    for part in parts.values():
        ElementTree.fromstring(part)
        assert b'TargetMode="External"' not in part
    said = letters(html.unescape(re.sub(r"<[^>]*>", "", parts["word/document.xml"].decode())))
    assert letters(f"Cell {SHOWN[name]}") in said


def test_a_letter_that_no_font_of_the_pdf_has_is_an_error_that_shows_it(root: Path, built: Built) -> None:
    before = built.pdf.read_bytes()
    Results(root / "build/results/01_x", ["data/a.csv"]).sentence("s0", "A name of 😀")
    with pytest.raises(ReportError, match="😀"):
        build_report(root)
    assert built.pdf.read_bytes() == before
