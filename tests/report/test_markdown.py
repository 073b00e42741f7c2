"""Text from data stays text on its way through Markdown."""

from __future__ import annotations

import html
import re

import pypandoc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corrtip.report.markdown import MARKDOWN, attribute, escape

HOSTILE = [
    "1. x",
    "12) y",
    "iv. x",
    "a) x",
    "(1) e",
    "- a",
    ": d",
    "---",
    "# h",
    "% t",
    "| a | b |",
    "::: div",
    "<script>alert(1)</script>",
    "&lt;b&gt; &amp;",
    "$x$ $$y$$",
    "@doe [x](http://a) ![i](j)",
    "{{name}}",
    "~~s~~ ^a^ ==m==",
    "`c`{=html}",
    "*a* _b_ __c__",
    "<http://x>",
    "[^1] ^[n]",
    "\\begin{x} \\\\ \\",
    "-- 'q' \"z\" ...",
]


def shown(markdown: str) -> str:
    """Return the text that a browser shows for ``markdown``."""
    page = pypandoc.convert_text(markdown, "html5", format=MARKDOWN, extra_args=["--wrap=none"]).strip()
    inside = re.fullmatch(r"<p>(.*)</p>", page, re.DOTALL)
    assert inside, page
    assert "<" not in inside[1], page
    return html.unescape(inside[1])


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_figure_says_is_shown_and_never_obeyed(text: str) -> None:
    assert shown(escape(text)) == text


# One pandoc run takes about 0.1 s, so the search is one run over many texts at once.
@given(st.lists(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S", "Zs"]), min_size=1), min_size=40))
@settings(max_examples=5, deadline=None, derandomize=True)
def test_any_printable_text_survives(texts: list[str]) -> None:
    kept = [" ".join(text.split()) for text in texts if text.split()]
    page = pypandoc.convert_text("\n\n".join(map(escape, kept)), "html5", format=MARKDOWN, extra_args=["--wrap=none"])
    assert [html.unescape(line) for line in re.findall(r"<p>(.*)</p>", page)] == kept
    assert page.count("<") == 2 * len(kept)


@pytest.mark.parametrize("text", ['a "q" <b>', "&amp; &lt;", "back\\slash", "} {{x}} |", "Côte d'Ivoire"])
def test_an_attribute_survives(text: str) -> None:
    page = pypandoc.convert_text(f"![c](x.svg){{alt={attribute(text)}}}", "html5", format=MARKDOWN)
    found = re.search(r'alt="([^"]*)"', page)
    assert found
    assert html.unescape(found[1]) == text
