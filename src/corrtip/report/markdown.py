"""Text from data into Markdown: what a figure, a country's name or a note says is shown, never obeyed."""

from __future__ import annotations

import re
from typing import Final

MARKDOWN: Final = "markdown-smart"
"""The dialect of pandoc's Markdown that tables, prose and filled names are written in; `escape` is made for it."""

# Everything that pandoc's Markdown (without `smart`) gives a meaning inside a line.
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~^$@&!])")
# What shows nothing itself, but hides, reorders or ends what stands beside it: controls, marks of direction, letters of
# no width, tags, surrogates, private letters. The two joiners of letters (U+200C, U+200D) are spelling.
_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
# What starts a list, a rule, a definition or a title at the start of a line: a sign, or a counter and its full stop.
_LINE_START: Final = re.compile(r"^(?:(?=[-+:=%(])|(\w+)(?=[.)]))")


def _one_line(text: str) -> str:
    return _HIDDEN.sub(lambda hidden: f"[U+{ord(hidden[0]):04X}]", " ".join(text.split()))


def escape(text: str) -> str:
    r"""Return ``text`` on one line, with every character that Markdown or HTML would obey made literal.

    Characters that show nothing, but change how others are shown, are shown as their numbers.

    Examples
    --------
    >>> print(escape("Côte d'Ivoire <b> a|b"))
    Côte d'Ivoire \<b\> a\|b
    >>> print(escape("name \u202ecod"))
    name \[U+202E\]cod
    """
    return _LINE_START.sub(lambda start: f"{start[1] or ''}\\", escape_inside(text), count=1)


def escape_inside(text: str) -> str:
    r"""Return ``text`` as `escape` does, for a place inside a line, such as a cell: nothing there starts a list.

    Examples
    --------
    >>> print(escape("1. a*"), escape_inside("1. a*"))
    1\. a\* 1. a\*
    """
    return _SPECIAL.sub(r"\\\1", _one_line(text))


def attribute(text: str) -> str:
    r"""Return ``text`` as the value of a pandoc attribute, quotes included.

    Examples
    --------
    >>> print(attribute('the "watch list"'))
    "the \"watch list\""
    """
    return '"' + _one_line(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;") + '"'
