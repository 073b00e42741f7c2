"""One reader a source: each turns a verified raw file into the long table of figures.

A new source is its folder in ``data/raw`` and one line in ``READERS``: the reader of series, or a module of its own
with ``read(edition, names)``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from corrtip.data.catalogue import load_catalogue
from corrtip.data.countries import load_countries
from corrtip.data.figures import Names, join_figures
from corrtip.data.source import Edition, Source, find_editions
from corrtip.data.sources import cpi, factbook, groups, series, tip, treaties

Reader = Callable[[Edition, Names], pd.DataFrame]

READERS: Mapping[str, Reader] = {
    "cpi": cpi.read,
    "factbook": factbook.read,
    "freedom_house": series.read,
    "groups": groups.read,
    "hdr": series.read,
    "three_p": series.read,
    "tip": tip.read,
    "treaties": treaties.read,
    "unodc": series.read,
    "vdem": series.read,
    "wdi": series.read,
    "wgi": series.read,
}
"""The folders of ``data/raw`` and who reads them."""


def read_figures(edition: Edition, names: Names) -> pd.DataFrame:
    """Return the long table of one edition, read by the reader of its source."""
    return READERS[edition.path.parent.name](edition, names)


def read_all(root: Path | None = None) -> tuple[dict[str, Source], pd.DataFrame]:
    """Return all sources, by id such as ``cpi/2005``, and all their figures in one long table.

    Parameters
    ----------
    root : Path, optional
        Folder that holds ``raw/``, ``countries.csv`` and ``variables.toml``; by default the project's ``data/``.

    Raises
    ------
    DataError
        At the first thing that is wrong, with file and row; nothing is read past it.
    DeclarationError
        If a sidecar or the catalogue is not what it must be.
    """
    editions = find_editions(READERS, root)
    names = Names(countries=load_countries(root), catalogue=load_catalogue(root))
    frames = [read_figures(edition, names) for edition in editions]
    return {edition.id: edition.source for edition in editions}, join_figures(frames)
