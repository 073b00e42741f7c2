"""The map of the text: every name that it uses is there once, beside its notebook and what that read."""

from __future__ import annotations

from corrtip.report.artifacts import Artifact, Figure, Number, Record, Sentence
from corrtip.report.origins import anchor, map_origins, shorten
from corrtip.report.tables import Table


def result(notebook: str, **content: object) -> tuple[Record, Artifact]:
    """Return a result of ``notebook`` with the name that its content is given under."""
    name = str(content.pop("name"))
    inputs = ("data/raw/cpi/2005.csv", f"notebooks/{notebook}.ipynb")
    record = Record(name=name, inputs=inputs, **content)  # type: ignore[arg-type]
    path = f"results/{notebook}/{name}.json"
    return record, Artifact(name=name, kind=record.kind, path=path, sha256="0" * 64, inputs=inputs)


RESULTS = {
    found[0].name: found
    for found in (
        result("02_b", name="b.tab", table=Table(caption="T", columns=("a",), align="l", rows=(("x",),))),
        result("01_a", name="a.n", number=Number(value=137, format="count", text="137")),
        result("01_a", name="a.fig", figure=Figure(caption="c", alt="w", svg="a.fig.svg", png="a.fig.png")),
        result("01_a", name="a.says", sentence=Sentence(text="Of *24* years the last | is open.")),
        result("03_c", name="c.unused", number=Number(value=1, format="count", text="1")),
    )
}


def test_it_is_grouped_by_notebook_and_every_entry_leads_to_its_place() -> None:
    made = map_origins(["b.tab", "a.n", "a.fig", "a.says", "a.n"], RESULTS)
    assert made.splitlines()[2:-2] == [
        r"| `01_a` | Figures | [](#figure-a-fig) a\.fig |",
        r"|  | Numbers | [137](#number-a-n) a\.n |",
        r"|  | Sentences | [“Of \*24\* years the …”](#sentence-a-says) a\.says |",
        r"|  | *Read* | data/raw/cpi 2005; notebooks/01\_a.ipynb |",
        r"| `02_b` | Tables | [](#table-b-tab) b\.tab |",
        r"|  | *Read* | data/raw/cpi 2005; notebooks/02\_b.ipynb |",
    ]


def test_anchors_tell_kinds_apart() -> None:
    assert anchor(RESULTS["a.fig"][0]) == "figure-a-fig"
    assert anchor(RESULTS["b.tab"][0]) == "table-b-tab"


def test_years_in_a_row_are_a_span_and_gaps_stay() -> None:
    files = [f"data/raw/tip/{year}.{ending}" for year in (2001, 2003, 2004, 2005) for ending in ("csv", "toml")]
    assert shorten([*files, "data/raw/wdi/2026-07.csv", "data/countries.csv"]) == [
        "data/raw/tip 2001, 2003-2005",
        "data/raw/wdi 2026-07",
        "data/countries.csv",
    ]
