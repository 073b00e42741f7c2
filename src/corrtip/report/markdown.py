"""Text from data into Markdown: what a figure, a country's name or a note says is shown, never obeyed."""

from __future__ import annotations

import re
from typing import Final

MARKDOWN: Final = "markdown-smart"
"""The dialect of pandoc's Markdown that tables, prose and filled names are written in; `escape` is made for it."""

# Everything that pandoc's Markdown (without `smart`) gives a meaning inside a line.
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~^$@&!])")
# What starts a list, a rule, a definition or a title at the start of a line: a sign, or a counter and its full stop.
_LINE_START: Final = re.compile(r"^(?:(?=[-+:=%(])|(\w+)(?=[.)]))")


def escape(text: str) -> str:
    r"""Return ``text`` on one line, with every character that Markdown or HTML would obey made literal.

    Examples
    --------
    >>> print(escape("Côte d'Ivoire <b> a|b"))
    Côte d'Ivoire \<b\> a\|b
    """
    return _LINE_START.sub(lambda start: f"{start[1] or ''}\\", escape_inside(text), count=1)


def escape_inside(text: str) -> str:
    r"""Return ``text`` as `escape` does, for a place inside a line, such as a cell: nothing there starts a list.

    Examples
    --------
    >>> print(escape("1. a*"), escape_inside("1. a*"))
    1\. a\* 1. a\*
    """
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def attribute(text: str) -> str:
    r"""Return ``text`` as the value of a pandoc attribute, quotes included.

    Examples
    --------
    >>> print(attribute('the "watch list"'))
    "the \"watch list\""
    """
    line = " ".join(text.split())
    return '"' + line.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") + '"'
