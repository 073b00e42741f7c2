"""Every drawing looks as it did when somebody last looked at it: compared with the pictures in images/."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.testing.compare import compare_images

import corrtip as ct
from corrtip.data.catalogue import load_catalogue
from corrtip.report.coverage import count_by_year
from corrtip.report.figures import score_grid
from corrtip.report.style import house_style, new_axes
from corrtip.robustness.simex import Simex

IMAGES = Path(__file__).parent / "images"
# Root mean square of the differences, of 255. Fonts travel with matplotlib and versions are locked, so that only the
# edges of strokes may differ between processors, by less than .2; one letter more or less is more than 2.
TOLERANCE = 1.0


@pytest.fixture(scope="session")
def drawings(panel, board, curve_of, bounds, importance) -> dict[str, Callable[..., Axes]]:
    """Return what draws each picture, on the axes that it is given or on its own."""
    names = {iso3: panel.countries.name(iso3, 2005) for iso3 in panel.iso3}
    spec = ct.Spec(
        outcome="tier",
        focal="cpi_pre2012",
        controls=("infant_mortality", "life_expectancy"),
        years=(2005, 2005),
        vintages=dict.fromkeys(("infant_mortality", "life_expectancy"), "factbook-2005"),
    )
    sample = ct.build_sample(panel, spec)
    fit = ct.fit(sample)
    grid = score_grid(sample.x, "cpi_pre2012")
    bands = ct.predicted_probabilities(fit, grid)
    history = ct.build_history(panel, range(2001, 2025))
    index = "CPI 2005 (higher = cleaner)"
    return {
        "plot_tier_by_score": lambda **on: ct.plot_tier_by_score(
            sample.data, "cpi_pre2012", label=index, names=names, **on
        ),
        "plot_predicted_probabilities": lambda **on: ct.plot_predicted_probabilities(
            bands, grid["cpi_pre2012"], label=index, **on
        ),
        "plot_coefficients": lambda **on: ct.plot_coefficients(
            estimates(), label="Log odds of a worse tier", names={"cpi": "Index", "gdp": "Income"}, **on
        ),
        "plot_coverage": lambda **on: ct.plot_coverage(count_by_year(panel, "tier"), label="Countries", **on),
        "plot_years": lambda **on: ct.plot_years(effects(), label="Effect, percentage points", **on),
        "plot_history": lambda **on: ct.plot_history(history, names=names, countries=20, **on),
        "plot_transitions": lambda **on: ct.plot_transitions(history.transitions(), **on),
        "plot_specification_curve": lambda **on: ct.plot_specification_curve(
            curve_of(2000, draws=41), label="Effect, percentage points", **on
        ),
        "plot_bounds": lambda **on: ct.plot_bounds(bounds, load_catalogue(), label="Percentage points", **on),
        "plot_dominance": lambda **on: ct.plot_dominance(importance, names={"a": "Index", "b": "Income"}, **on),
        "plot_influence": lambda **on: ct.plot_influence(
            pd.Series(np.linspace(-0.3, 0.2, len(names)), index=list(names)), names=names, label="the index", **on
        ),
        "plot_extrapolation": lambda **on: ct.plot_extrapolation(simex(), "x", label="Coefficient", **on),
        "plot_scoreboard": lambda **on: ct.plot_scoreboard(board, **on),
        "plot_residuals": lambda **on: ct.plot_residuals(fit, **on),
        "plot_residuals.fitted": lambda **on: ct.plot_residuals(fit, against="fitted", **on),
        "plot_map": lambda **on: ct.plot_map(panel, "tier", 2005, **on),
        "plot_map.score": lambda **on: ct.plot_map(panel, "cpi", 2024, **on),
    }


def estimates() -> pd.DataFrame:
    middle = np.array([-1.2, -0.4, -1.1, 0.1])
    return pd.DataFrame(
        {
            "model": ["base", "base", "with regions", "with regions"],
            "term": ["cpi", "gdp"] * 2,
            "estimate": middle,
            "conf_low": middle - 0.5,
            "conf_high": middle + 0.5,
        }
    )


def effects() -> pd.DataFrame:
    years = np.tile(np.arange(2004, 2016), 2)
    middle = 14 + 3 * np.sin(years)
    return pd.DataFrame(
        {
            "year": years,
            "series": np.repeat(["CPI", "WGI"], 12),
            "estimate": np.where(years == 2010, np.nan, middle),
            "conf_low": middle - 4,
            "conf_high": middle + 5,
        }
    )


def simex() -> Simex:
    path = np.array([[-0.585], [-0.580], [-0.568], [-0.558], [-0.559]])
    return Simex(
        names=("x",),
        path=path,
        naive_covariance=np.eye(1),
        params=np.array([-0.614]),
        covariance=np.eye(1),
        reliability=0.9,
    )


PICTURES = (
    "plot_tier_by_score",
    "plot_predicted_probabilities",
    "plot_coefficients",
    "plot_coverage",
    "plot_years",
    "plot_history",
    "plot_transitions",
    "plot_specification_curve",
    "plot_bounds",
    "plot_dominance",
    "plot_influence",
    "plot_extrapolation",
    "plot_scoreboard",
    "plot_residuals",
    "plot_residuals.fitted",
    "plot_map",
    "plot_map.score",
)
PLOTS = [name for name in ct.__all__ if name.startswith("plot_")]


def painted(axes: Axes, path: Path, dpi: int = 72) -> Path:
    """Write a small picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with house_style():
        axes.figure.savefig(path, dpi=dpi, facecolor="white", metadata={"Software": None})
    return path


def compared(picture: Path, actual: Path) -> None:
    """Fail where a drawing is not the picture of it, and say where both and their difference are."""
    assert picture.is_file(), f"{picture} is not there; the drawing of today is {actual}: look at it, then {RENEW}"
    found = compare_images(str(picture), str(actual), TOLERANCE)
    assert found is None, f"{found}\nLook at the three. If today's is right: {RENEW}"


RENEW = "pytest tests/report/test_images.py --renew-images"


@pytest.mark.parametrize("name", PICTURES)
def test_a_drawing_is_the_picture_of_it(name, drawings, tmp_path, request):
    actual = painted(drawings[name](), tmp_path / f"{name}.png")
    if request.config.getoption("--renew-images"):
        shutil.copyfile(actual, IMAGES / actual.name)
    compared(IMAGES / actual.name, actual)


def test_the_readme_shows_what_the_figures_say_today(drawings, tmp_path, request):
    shown = IMAGES.parents[2] / "docs" / "pictures" / "tiers_2005.png"
    actual = painted(drawings["plot_tier_by_score"](), tmp_path / shown.name, dpi=110)
    if request.config.getoption("--renew-images"):
        shutil.copyfile(actual, shown)
    compared(shown, actual)


def test_every_public_drawing_has_a_picture_and_every_picture_a_drawing():
    assert {name.partition(".")[0] for name in PICTURES} == set(PLOTS)
    assert {path.stem for path in IMAGES.glob("*")} == set(PICTURES)


@pytest.mark.parametrize("name", PLOTS)
def test_a_drawing_goes_where_it_is_told(name, drawings):
    assert inspect.signature(getattr(ct, name)).parameters["ax"].default is None
    axes = new_axes("two columns")
    assert drawings[name](ax=axes) is axes


def test_a_letter_more_is_seen_and_the_message_leads_to_the_difference(drawings, tmp_path):
    picture, changed = drawings["plot_years"](), drawings["plot_years"]()
    changed.set_ylabel(changed.get_ylabel() + "s")
    with pytest.raises(AssertionError, match="--renew-images") as failed:
        compared(painted(picture, tmp_path / "picture.png"), painted(changed, tmp_path / "changed.png"))
    assert str(tmp_path / "changed-failed-diff.png") in str(failed.value)
    assert (tmp_path / "changed-failed-diff.png").is_file()
