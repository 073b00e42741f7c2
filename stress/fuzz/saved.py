"""What a run keeps for the next: results for the report, their data, blocks of models; and a reader's Stata file."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import shutil
import struct
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from corrtip.data.countries import load_countries
from corrtip.project import figures_root
from corrtip.report.artifacts import Data, read_columns, read_record
from corrtip.robustness.blocks import Run, run_blocks
from corrtip.studies.supplied import FileModel, Supplied, read_supplied
from stress.fuzz import damage, literal
from stress.fuzz.cells import SAME, TABLE
from stress.fuzz.declarations import agrees_with
from stress.fuzz.target import Target, UnreadableError

RECORDS: tuple[dict[str, Any], ...] = (
    {"name": "fit.n", "inputs": ["data/raw/cpi/2005.csv"], "number": {"value": 119.0, "format": "n", "text": "119"}},
    {"name": "lead", "inputs": [], "sentence": {"text": "It says — more\u00a0or less — that."}},
    {
        "name": "table",
        "inputs": ["a", "b"],
        "table": {
            "caption": "C",
            "columns": ["Tier", "n"],
            "align": "lr",
            "rows": [["1", "3"], ["2|WL", "4"]],
            "note": "",
        },
    },
    {"name": "map", "inputs": [], "figure": {"caption": "C", "alt": "A", "svg": "map.svg", "png": "map.png"}},
    {"name": "all", "inputs": [], "data": {"caption": "C", "csv": "all.csv", "columns": {"x": "number", "y": "text"}}},
)
COLUMNS = {"year": "number", "share": "number", "name": "text"}
ROWS = b'year,share,name\n2005,0.30000000000000004,"Lao, PDR"\n,-1.5e-07,NA\n2006,,\n'
IDENTITY = 40 * "a"
FIGURES = pd.DataFrame(
    {"country": [2.0, 2.0, 20.0], "year": [2001, 2002, 2001], "shamed": [0.0, 1.0, 1.0], "score": [1.5, -0.25, np.nan]}
)
SUPPLIED = Supplied(
    file="own.dta",
    where="the authors' page",
    order=("country", "year"),
    models=(FileModel(name="m", outcome="shamed", focal="score"),),
)
_ROW = struct.Struct("<dldd")
# From these on a figure of Stata's is a missing one.
_MISSING = (2.0**1023, 2_147_483_621, 2.0**1023, 2.0**1023)


def targets(folder: Path) -> list[Target]:
    """Return the readers of what is kept; they write to ``folder``."""
    countries = (figures_root() / "countries.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    few = [line for line in countries[1:] if line.startswith(("AFG", "SRB", "SCG", "NER,", "NGA", "CIV"))]
    return [
        Target(
            name="record",
            seeds=tuple(json.dumps(record, indent=2, ensure_ascii=False).encode() for record in RECORDS),
            read=_record(folder),
            meaning=_json,
            damages=damage.TEXT,
            agrees=agrees_with,
        ),
        Target(
            name="saved_data",
            seeds=(ROWS,),
            read=_columns(folder),
            meaning=_columns_meant,
            damages=TABLE,
            harmless=SAME[1:],
        ),
        Target(
            name="countries",
            seeds=("".join([countries[0], *few]).encode(),),
            read=_countries(folder),
            meaning=_countries_meant,
            damages=TABLE,
            harmless=SAME,
        ),
        _blocks(folder),
        _stata(folder),
    ]


def _record(folder: Path) -> Callable[[bytes], object]:
    path = folder / "record.json"

    def read(data: bytes) -> object:
        path.write_bytes(data)
        record = read_record(path, path.name)
        _ = record.content
        return record

    return read


def _json(data: bytes) -> object:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key stands twice")
        return dict(pairs)

    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"it is no JSON: {error}") from error


def _columns(folder: Path) -> Callable[[bytes], object]:
    path = folder / "saved.csv"

    def read(data: bytes) -> object:
        path.write_bytes(data)
        return read_columns(Data(caption="C", csv=path.name, columns=COLUMNS), path)  # type: ignore[arg-type]

    return read


def _columns_meant(data: bytes) -> object:
    try:
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableError(f"it is no table: {error}") from error
    if not rows or any(len(row) != len(rows[0]) for row in rows):
        raise UnreadableError("it is no table")
    return {
        name: [row[place] if COLUMNS.get(name) == "text" else _number(row[place]) for row in rows[1:]]
        for place, name in enumerate(rows[0])
    }


def _number(text: str) -> float | None:
    if text in ("inf", "-inf"):
        return float(text)
    return int(text) if re.fullmatch(r"-?[0-9]{1,30}", text) else literal.number(text)


def _countries(folder: Path) -> Callable[[bytes], object]:
    path = folder / "countries" / "countries.csv"
    path.parent.mkdir(exist_ok=True)

    def read(data: bytes) -> object:
        path.write_bytes(data)
        # Beneath the cache: every input has the same path.
        rows = load_countries.__wrapped__(path.parent).rows
        return [
            (row.iso3, row.name, row.first_year, row.last_year, row.counted_from, row.unit, row.aliases, row.note)
            for row in rows
        ]

    return read


def _countries_meant(data: bytes) -> object:
    header = ("iso3", "name", "first_year", "last_year", "counted_from", "unit", "aliases", "note")
    rows = literal.rows_of(data, header)
    if not data.endswith(b"\n") or any(not row["iso3"] or not row["name"].strip() for _, row in rows):
        raise UnreadableError("it is cut off, or a row has no code or no name")
    return [
        (
            row["iso3"],
            row["name"],
            literal.year(row["first_year"]) if row["first_year"] else 0,
            literal.year(row["last_year"]) if row["last_year"] else 9999,
            literal.year(row["counted_from"]) if row["counted_from"] else None,
            row["unit"] or row["iso3"],
            tuple(filter(None, row["aliases"].split("|"))),
            row["note"],
        )
        for _, row in rows
    ]


def _work(block: int) -> tuple[np.ndarray[Any, Any], ...]:
    return np.full(3, float(block)), np.array([block, block + 1])


def _blocks(folder: Path) -> Target:
    """Return the reader of kept blocks: an input is a folder as a zip, and what is read must be what is computed."""
    kept = folder / "kept" / IDENTITY
    begun = run_blocks(_work, range(3), Run(keep=kept.parent), identity=IDENTITY)
    next(begun), next(begun)
    begun.close()  # type: ignore[attr-defined]
    seed = _packed({path.name: path.read_bytes() for path in kept.iterdir()})
    count = itertools.count()

    def read(data: bytes) -> object:
        place = folder / "kept" / f"{next(count)}" / IDENTITY
        place.mkdir(parents=True)
        for name, content in _unpacked(data).items():
            (place / name).write_bytes(content)
        found = list(run_blocks(_work, range(3), Run(keep=place.parent), identity=IDENTITY))
        shutil.rmtree(place.parent)
        return [tuple(map(np.ndarray.tolist, block)) for block in found]

    return Target(
        name="blocks",
        seeds=(seed,),
        read=read,
        meaning=lambda data: [tuple(map(np.ndarray.tolist, _work(block))) for block in range(3)],
        damages=(_damaged_file, _exchanged_files),
    )


def _packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return stream.getvalue()


def _unpacked(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _damaged_file(chance: Random, data: bytes) -> bytes:
    files = _unpacked(data) or {"block-00000-0.npz": b""}
    name = chance.choice(sorted(files))
    return _packed(files | {name: chance.choice(damage.BYTES)(chance, files[name])})


def _exchanged_files(chance: Random, data: bytes) -> bytes:
    files = _unpacked(data) or {"block-00000-0.npz": b""}
    name, other = chance.choice(sorted(files)), chance.choice(sorted(files))
    names = (name.replace("0000", "000"), name.replace("00000", "00001"), name.replace("00001", "00002"), "block-1.npz")
    match chance.randrange(3):
        case 0:
            return _packed(files | {name: files[other]})
        case 1:
            return _packed(
                files | {chance.choice((*names, "block--.npz", "block-x-y-z.npz", "block-٣-0.npz")): files[name]}
            )
        case _:
            return _packed({key: content for key, content in files.items() if key != name})


def _stata(folder: Path) -> Target:
    path = folder / "own.dta"

    def read(data: bytes) -> object:
        path.write_bytes(data)
        rows = read_supplied(path, SUPPLIED)
        return [tuple(None if np.isnan(value) else value for value in row) for row in rows.to_numpy().tolist()]

    seeds = []
    for version in (114, 118):
        stream = io.BytesIO()
        FIGURES.to_stata(stream, write_index=False, version=version)
        seeds.append(stream.getvalue())
    return Target(
        name="supplied",
        seeds=tuple(seeds),
        read=read,
        meaning=partial(_stata_meant, seeds),
        damages=(*damage.BYTES, damage.flip, damage.flip),
        agrees=lambda held, meant: meant is None or held == meant,
    )


def _stata_meant(seeds: list[bytes], data: bytes) -> object:
    """Return the rows of a file that differs from a seed in its figures alone; None for any other."""
    for seed in seeds:
        size = len(FIGURES) * _ROW.size
        start = seed.index(b"<data>") + 6 if b"<data>" in seed else len(seed) - size
        if len(data) == len(seed) and data[:start] == seed[:start] and data[start + size :] == seed[start + size :]:
            rows = [
                tuple(
                    None if not figure < missing else float(figure)
                    for figure, missing in zip(row, _MISSING, strict=True)
                )
                for row in _ROW.iter_unpack(data[start : start + size])
            ]
            return sorted(rows, key=lambda row: [(figure is None, figure or 0.0) for figure in row[:2]])
    return None
