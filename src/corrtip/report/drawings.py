"""A drawing as part of the page: nothing in it that a strict Content-Security-Policy would have to be loosened for."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree

from corrtip.errors import ReportError
from corrtip.report.style import INK

# Presentation attributes that matplotlib writes as styles. An attribute needs no permission from the policy.
_LOOKS: Final = frozenset(
    {
        "fill",
        "fill-opacity",
        "image-rendering",
        "opacity",
        "stroke",
        "stroke-dasharray",
        "stroke-dashoffset",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-opacity",
        "stroke-width",
    }
)
_ELEMENTS: Final = frozenset(("clipPath", "defs", "g", "image", "path", "pattern", "rect", "style", "svg", "use"))
_ATTRIBUTES: Final = frozenset(
    (
        "clip-path",
        "d",
        "height",
        "href",
        "id",
        "patternUnits",
        "style",
        "transform",
        "type",
        "version",
        "viewBox",
        "width",
        "x",
        "y",
    )
)
_ADDRESS: Final = re.compile(r"url\((.*?)\)")
# matplotlib's one style sheet. Inside a page it would hold for the whole page; both properties are inherited, so that
# the same two attributes on the drawing's root do for it alone.
_SHEET: Final = "*{stroke-linejoin: round; stroke-linecap: butt}"
_ROOT: Final = {"stroke-linejoin": "round", "stroke-linecap": "butt"}


def inline_svg(drawing: str, name: str, words: str) -> str:
    """Return a drawing of matplotlib's as an element of the page, in the colour of the page's text.

    Parameters
    ----------
    drawing : str
        The SVG file.
    name : str
        The drawing's name: one page holds many, and their identifiers must not meet.
    words : str
        What the drawing shows.

    Raises
    ------
    ReportError
        If something is in the drawing that matplotlib does not write: scripts, links, pictures from elsewhere.

    Notes
    -----
    The drawing stands in the page, and not as an address of the form ``data:`` in an ``img``, because only there its
    ink follows the reader's choice of light or dark.
    """
    where = f"drawing {name}"
    try:
        # Expat bounds what entities may grow to, and fetches none.
        root = ElementTree.fromstring(drawing)  # noqa: S314
    except ElementTree.ParseError as error:
        raise ReportError(where, f"not SVG: {error}", mend="Run the notebooks again") from error
    prefix = re.sub(r"[^a-z0-9]", "-", name) + "-"
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) == "style" and child.text == _SHEET:
                parent.remove(child)
    for element in root.iter():
        element.tag = _known(_local(element.tag), _ELEMENTS - {"style"}, where)
        element.attrib = _plain(element.attrib, prefix, where)
    root.attrib = {"role": "img", "aria-label": words, **_ROOT, **root.attrib}
    return ElementTree.tostring(root, encoding="unicode")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _known(name: str, known: frozenset[str], where: str) -> str:
    if name not in known:
        raise ReportError(where, f'"{name}"', expected="what matplotlib draws", mend="Run the notebooks again")
    return name


def _plain(attributes: dict[str, str], prefix: str, where: str) -> dict[str, str]:
    """Return attributes with styles as attributes of their own and identifiers that are this drawing's."""
    made: dict[str, str] = {}
    for full, value in attributes.items():
        match _known(_local(full), _ATTRIBUTES | _LOOKS, where):
            case "style":
                for declaration in filter(str.strip, value.split(";")):
                    look, _, setting = declaration.partition(":")
                    made[_known(look.strip(), _LOOKS, where)] = _own(setting.strip(), prefix, where)
            case "id":
                made["id"] = prefix + value
            case "href":
                made["href"] = _part(value, prefix, where)
            case name:
                made[name] = _own(value, prefix, where)
    return made


def _own(setting: str, prefix: str, where: str) -> str:
    # A hatched face names its pattern, a clipped line its path.
    inked = setting.replace(INK, "currentColor")
    return _ADDRESS.sub(lambda address: f"url({_part(address[1], prefix, where)})", inked)


def _part(target: str, prefix: str, where: str) -> str:
    if target.startswith("#"):
        return f"#{prefix}{target[1:]}"
    if not target.startswith("data:image/png;base64,"):
        raise ReportError(
            where, f"the address {target}", expected="a part of the drawing", mend="Run the notebooks again"
        )
    return target
