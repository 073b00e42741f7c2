"""The world as tiles: one square for each country, about where it lies."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from corrtip.data.countries import load_countries
from corrtip.errors import DataError
from corrtip.project import figures_root


@cache
def load_tiles() -> Mapping[str, tuple[int, int]]:
    """Return row and column of each country's tile, by iso3 code; the first row is the northernmost, from 1.

    Returns
    -------
    mapping of str to (int, int)
        Every country that is counted in any year has a tile, and no two have the same.

    Raises
    ------
    DataError
        If a line of ``data/tiles.csv`` names an unknown country or a place that is taken.

    Examples
    --------
    >>> tiles = load_tiles()
    >>> tiles["FIN"][0] < tiles["ZAF"][0], tiles["USA"][1] < tiles["JPN"][1]
    (True, True)
    """
    known = load_countries().by_code
    taken: dict[tuple[int, int], str] = {}
    tiles: dict[str, tuple[int, int]] = {}
    with (figures_root() / "tiles.csv").open(encoding="utf-8", newline="") as stream:
        for line, row in enumerate(csv.DictReader(stream), start=2):
            iso3, place = row["iso3"], (int(row["row"]), int(row["column"]))
            where = f"data/tiles.csv, row {line}"
            if iso3 not in known:
                raise DataError(where, f'country "{iso3}"', expected="a code of data/countries.csv")
            if place in taken or iso3 in tiles:
                raise DataError(where, f"{iso3} at {place}", expected=f"a country and a place once: {taken.get(place)}")
            taken[place], tiles[iso3] = iso3, place
    return MappingProxyType(tiles)
