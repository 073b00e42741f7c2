"""The reference that nobody writes by hand: names, commands, variables and sources, each from where it is declared."""

from pathlib import Path

from command_line_page import command_line_page
from figures_pages import sources_page, variables_page
from name_pages import name_pages
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

import corrtip as ct

FOLDER = "reference"


def pages(names: str) -> dict[str, str]:
    """Return every generated page by the name of its file; ``names`` is the text of names.md."""
    panel = ct.load_panel()
    return {
        **name_pages(names),
        "command_line.md": command_line_page(),
        "variables.md": variables_page(panel),
        "sources.md": sources_page(panel),
    }


def write(app: Sphinx) -> None:
    """Write the pages that changed, and remove those of names that are gone."""
    source = Path(app.srcdir)
    folder = source / FOLDER
    folder.mkdir(exist_ok=True)
    made = pages((source / "names.md").read_text(encoding="utf-8"))
    for path in folder.iterdir():
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        path = folder / name
        # An unchanged page keeps its time stamp, by which Sphinx knows what to read again.
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Write the pages before Sphinx looks which there are."""
    app.connect("builder-inited", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
