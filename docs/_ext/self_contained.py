"""A built site loads nothing from elsewhere; links for readers to follow are another thing."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.typing import ExtensionMetadata

_LOADED = {
    ("script", "src"),
    ("link", "href"),
    ("img", "src"),
    ("img", "srcset"),
    ("source", "src"),
    ("source", "srcset"),
    ("iframe", "src"),
    ("embed", "src"),
    ("object", "data"),
    ("video", "src"),
    ("audio", "src"),
    ("use", "href"),
    ("form", "action"),
}
_IN_STYLE = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')\s]+)""")


class _Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if (tag, name) in _LOADED and re.match(r"(?:https?:)?//", value or ""):
                self.found.append(str(value))


def outside(text: str) -> list[str]:
    """Return the addresses from which a page or a style sheet would load something.

    Examples
    --------
    >>> outside('<a href="https://example.org">read</a><script src="//example.org/a.js"></script>')
    ['//example.org/a.js']
    """
    page = _Loads()
    page.feed(text)
    return page.found + _IN_STYLE.findall(text)


def findings(folder: Path) -> Iterator[str]:
    """Yield a line for every address that a file of ``folder`` would load from elsewhere."""
    for path in sorted([*folder.rglob("*.html"), *folder.rglob("*.css")]):
        for address in outside(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(folder).as_posix()}: {address}"


def check(app: Sphinx, exception: Exception | None) -> None:
    """Fail the build of a site that would not open without a network."""
    found = [] if exception else list(findings(Path(app.outdir)))
    if found:
        raise SphinxError("Loaded from elsewhere:\n" + "\n".join(found))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Check what was built."""
    app.connect("build-finished", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
