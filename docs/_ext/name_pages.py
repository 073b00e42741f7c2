"""A page for each room of names.md, and one for each public name, which autodoc fills from its docstring."""

import re

import corrtip as ct


def name_pages(names: str) -> dict[str, str]:
    """Return the pages by file name.

    Parameters
    ----------
    names : str
        The text of names.md: its second headings are the rooms, the first column of its tables the names.
    """
    pages: dict[str, str] = {}
    for heading, body in rooms(names).items():
        held = names_in(body)
        tree = "\n".join(page_of(name) for name in held)
        pages[f"{room_page(heading)}.md"] = f"# {heading}\n{_one_up(body)}\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n"
        for name in held:
            pages[f"{page_of(name)}.rst"] = _name_page(name)
    return pages


def rooms(names: str) -> dict[str, str]:
    """Return the text below each second heading that lists public names."""
    parts = re.split(r"^## (.+)\n", names, flags=re.MULTILINE)
    sections = zip(parts[1::2], parts[2::2], strict=True)
    return {heading: body for heading, body in sections if names_in(body)}


def names_in(body: str) -> list[str]:
    """Return the public names in the first column of the tables of ``body``.

    Examples
    --------
    >>> names_in("| `ct.fit` | fits |\\n| `ct.list_grids`, `ct.load_grid` | grids, for `ct.run_grid` |")
    ['fit', 'list_grids', 'load_grid']
    """
    firsts = [row.split("|")[1] for row in body.splitlines() if row.startswith("|")]
    return [name for first in firsts for name in re.findall(r"`ct\.(\w+)`", first)]


def room_page(heading: str) -> str:
    """Return the name of a room's page, without suffix.

    Examples
    --------
    >>> room_page("Does it survive?")
    'does_it_survive'
    """
    return "_".join(re.findall(r"\w+", heading.lower()))


def page_of(name: str) -> str:
    """Return the name of a public name's page, without suffix.

    Scoreboard and scoreboard are two names, but one file where case does not count.

    Examples
    --------
    >>> page_of("Scoreboard"), page_of("scoreboard")
    ('class_scoreboard', 'scoreboard')
    """
    return f"class_{name.lower()}" if isinstance(getattr(ct, name), type) else name


def _name_page(name: str) -> str:
    value = getattr(ct, name)
    title = f"ct.{name}"
    if isinstance(value, type) and issubclass(value, Exception):
        directive = f".. autoexception:: corrtip.{name}"
    elif isinstance(value, type):
        directive = f".. autoclass:: corrtip.{name}\n   :members:"
    else:
        directive = f".. autofunction:: corrtip.{name}"
    return f"{title}\n{'=' * len(title)}\n\n{directive}\n"


def _one_up(body: str) -> str:
    """Return ``body`` with its links to pages beside names.md as they are from the folder below."""
    return re.sub(r"\]\((?!https?:|#)", "](../", body)
