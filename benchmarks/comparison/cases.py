"""The list: each case made with a fixed seed, its truth known by construction or written as plain rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from benchmarks.comparison.case import Case
from benchmarks.comparison.truth import pooled

THREE = ("1", "2", "3")


def _rows(n: int = 120, levels: Sequence[str] = THREE, seed: int = 11, noise: str = "logistic") -> pd.DataFrame:
    """Return sound rows: two predictors, outcome levels of about equal size."""
    generator = np.random.default_rng(seed)
    x, z = generator.normal(size=(2, n))
    draw = generator.logistic(size=n) if noise == "logistic" else generator.standard_cauchy(size=n)
    latent = 0.8 * x - 0.5 * z + draw
    codes = np.digitize(latent, np.quantile(latent, np.linspace(0, 1, len(levels) + 1)[1:-1]))
    return pd.DataFrame({"y": [levels[code] for code in codes], "x": x, "z": z})


def build_cases() -> list[Case]:
    """Return all cases, in the order of the table."""
    return [*_levels(), *_columns(), *_weights(), *_separation(), *_links(), *_prediction()]


def _levels() -> list[Case]:
    sound, words = _rows(), _rows(levels=("low", "medium", "high"))
    two, ten = _rows(levels=("1", "2")), tuple(str(level) for level in range(1, 11))
    thirty = tuple(f"{level:02d}" for level in range(1, 31))
    single = _rows(10, ten, seed=3).assign(z=lambda frame: np.round(frame["z"], 1))
    many = _rows(900, thirty)
    return [
        Case(
            name="thresholds",
            question="Do rows labelled as thresholds hold thresholds, with their own standard errors?",
            data=sound,
            judged=("1|2", "2|3"),
            reference=sound,
        ),
        Case(
            name="empty level",
            question="A declared level has no row. The slopes are those without it.",
            data=sound,
            levels=("1", "none", "2", "3"),
            reference=sound,
        ),
        Case(name="two levels", question="A binary outcome.", data=two, levels=("1", "2"), reference=two),
        Case(name="thirty levels", question="Many thresholds.", data=many, levels=thirty, reference=many),
        Case(
            name="one observation per level",
            question="Ten rows, ten levels.",
            data=single,
            levels=ten,
            terms=("x",),
            judged=("x",),
            reference=single,
        ),
        Case(
            name="plain text outcome",
            question='"low", "medium", "high" as text: the order is not known, alphabetical is wrong.',
            data=words,
            levels=(),
        ),
    ]


def _columns() -> list[Case]:
    sound = _rows()
    holed, unbounded = sound.copy(), sound.copy()
    holed.loc[[3, 40], "x"] = np.nan
    unbounded.loc[3, "x"] = np.inf
    generator = np.random.default_rng(5)
    year = generator.integers(2001, 2012, size=200).astype(float)
    wealth = np.exp(generator.normal(9.0, 1.2, size=200))
    latent = -0.6 * np.log(wealth) + 0.1 * (year - 2006) + generator.logistic(size=200)
    cuts = np.quantile(latent, [1 / 3, 2 / 3])
    growth = pd.DataFrame({"y": [THREE[code] for code in np.digitize(latent, cuts)], "x": wealth, "z": year})
    return [
        Case(name="constant column", question="No coefficient exists.", data=sound.assign(z=1.0)),
        Case(name="duplicated column", question="Only the sum is known.", data=sound.assign(z=sound["x"])),
        Case(
            name="missing value",
            question="NaN in a predictor: the fit of the complete rows, or a refusal.",
            data=holed,
            reference=holed.dropna(),
        ),
        Case(name="infinite value", question="An infinity in a predictor.", data=unbounded),
        Case(
            name="raw GDP beside a year",
            question="Columns of sizes 10,000 and 2,000, unscaled.",
            data=growth,
            reference=growth,
        ),
    ]


def _weights() -> list[Case]:
    sound = _rows()
    counts = np.random.default_rng(8).integers(1, 5, size=len(sound)).astype(float)
    weighted = sound.assign(w=counts)
    # Rows of weight zero say the opposite of the others.
    wrong = sound.assign(x=-3.0 * sound["x"], w=0.0)
    zeroed = pd.concat([sound.assign(w=1.0), wrong.iloc[:60]], ignore_index=True)
    return [
        Case(
            name="frequency weights",
            question="The fit of the rows, each as often as its weight.",
            data=weighted,
            weighted=True,
            reference=pooled(weighted),
        ),
        Case(
            name="zero weights",
            question="Rows of weight zero do not count.",
            data=zeroed,
            weighted=True,
            reference=pooled(zeroed),
        ),
    ]


def _separation() -> list[Case]:
    sound = _rows()
    tail = sound.assign(z=(sound.index % 6 == 0).astype(float))
    tail.loc[tail["z"] == 1.0, "y"] = "3"
    ordered = sound.assign(y=[THREE[code] for code in np.digitize(sound["x"], [-0.4, 0.4])])
    return [
        Case(
            name="quasi-complete separation",
            question="All rows with z = 1 are in the last level: its coefficient is infinite.",
            data=tail,
        ),
        Case(
            name="complete separation",
            question="x alone puts every row in its level: nothing is finite.",
            data=ordered,
        ),
    ]


def _links() -> list[Case]:
    near = _rows(noise="cauchy")
    generator = np.random.default_rng(21)
    x, z = generator.normal(size=(2, 300))
    latent = 200.0 * x + 120.0 * z + generator.standard_cauchy(size=300)
    far = pd.DataFrame({"y": [THREE[code] for code in np.digitize(latent, [-150.0, 150.0])], "x": x, "z": z})
    return [
        Case(name="cauchit", question="The link with heavy tails.", data=near, link="cauchit", reference=near),
        Case(
            name="cauchit, far thresholds",
            question="Thresholds beyond 100, where a stand-in for infinity has mass beyond it.",
            data=far,
            link="cauchit",
            reference=far,
        ),
    ]


def _prediction() -> list[Case]:
    sound = _rows()
    groups = sound.assign(g=np.where(sound.index % 2 == 0, "a", "b"))
    return [
        Case(
            name="unseen level at prediction",
            question="A category that no fitted row had: no probability exists.",
            data=groups,
            terms=("x", "g"),
            judged=("probability",),
            new=pd.DataFrame({"x": [0.0], "z": [0.0], "g": ["c"]}),
        )
    ]
