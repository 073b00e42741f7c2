"""What matplotlib draws goes into the page without a style of its own; what it does not draw goes nowhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from corrtip.errors import ReportError
from corrtip.report.drawings import inline_svg
from corrtip.report.style import drawn, new_axes

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'


@pytest.fixture(scope="module")
def drawing() -> str:
    """Return a drawing with text, markers that are used many times, a clipped line, a hatch and a picture of points."""
    axes = new_axes(3, 2)
    axes.plot([0, 1], [0, 1], linestyle="dashed", alpha=0.5, marker="o")
    axes.fill_between([0, 1], [0, 1], hatch="//", facecolor="#bbbbbb")
    axes.imshow([[0, 1], [1, 0]], interpolation="nearest")
    axes.set_xlabel("</svg><script>alert(1)</script> & -->")
    return drawn(axes, "f")[0].decode()


def test_no_style_is_left_and_every_look_is(drawing: str) -> None:
    made = inline_svg(drawing, "f", "words")
    assert not re.findall(r"<style|style=|<!--|<\?|<!DOCTYPE|<script|xmlns", made)
    before = [look.strip() for style in re.findall(r'style="([^"]*)"', drawing) for look in style.split(";")]
    assert any(look.startswith("fill: url(#") for look in before)
    settings = {look.replace("#1c2126", "currentColor").replace("url(#", "url(#f-") for look in filter(None, before)}
    for look in settings:
        name, value = look.split(": ")
        assert f'{name}="{value}"' in made
    assert made.startswith('<svg role="img" aria-label="words" stroke-linejoin="round" stroke-linecap="butt"')


def test_identifiers_carry_the_name_and_lead_to_one_another(drawing: str) -> None:
    made = inline_svg(drawing, "a.b", "words")
    identifiers = set(re.findall(r' id="([^"]*)"', made))
    led = set(re.findall(r' href="#([^"]*)"', made)) | set(re.findall(r"url\(#([^)]*)\)", made))
    assert led
    assert led <= identifiers
    assert {name[:4] for name in identifiers} == {"a-b-"}


def test_words_are_words() -> None:
    made = inline_svg(SVG.format(""), "f", 'A "b" <c> & d')
    assert ElementTree.fromstring(made).get("aria-label") == 'A "b" <c> & d'
    assert "<c>" not in made


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<script>alert(1)</script>", '"script"'),
        ('<path onload="alert(1)"/>', '"onload"'),
        ('<a xlink:href="https://example.org"><path/></a>', '"a"'),
        ('<use xlink:href="https://example.org/x.svg#y"/>', r"the address https://example\.org/x\.svg#y"),
        ('<image xlink:href="data:image/svg+xml;base64,AA"/>', "the address data:image/svg"),
        ("<foreignObject/>", '"foreignObject"'),
        ("<style>@import 'x.css'</style>", '"style"'),
        ('<path style="background: red"/>', '"background"'),
        ('<path style="fill: url(x.svg#y)"/>', r"the address x\.svg#y"),
        ('<path clip-path="url(//example.org/x#y)"/>', "the address //example"),
        ("<path>", "not SVG"),
    ],
)
def test_what_matplotlib_does_not_draw_is_an_error(inside: str, said: str) -> None:
    with pytest.raises(ReportError, match=rf"drawing f: .*{said}"):
        inline_svg(SVG.format(inside), "f", "words")
