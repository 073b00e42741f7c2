"""The charts hold no value of their own, fit the page, and are the same each time."""

from __future__ import annotations

import json

from corrtip.report.explore_charts import CLASSES, build_charts
from corrtip.report.style import TIER_COLOURS


def test_charts_name_their_data_and_hold_none() -> None:
    charts = build_charts()
    assert list(charts) == ["years", "placements", "curve"]
    for chart in charts.values():
        assert "datasets" not in chart
        assert '"values"' not in json.dumps(chart)
        assert chart["width"] == "container"


def test_two_calls_give_the_same_charts() -> None:
    assert json.dumps(build_charts()) == json.dumps(build_charts())


def test_tiers_have_the_colours_of_every_other_figure() -> None:
    scale = build_charts()["placements"]["encoding"]["fill"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)).items() >= TIER_COLOURS.items()


def test_classes_of_the_curve_take_their_colours_from_the_style() -> None:
    scale = build_charts()["curve"]["layer"][-1]["encoding"]["color"]["scale"]
    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        text: f"var(--{name})" for name, text in CLASSES.items()
    }


def test_no_address_is_in_them() -> None:
    assert "http" not in json.dumps(build_charts())
