"""The three charts of the interactive page, as Vega-Lite: drawn once, filled and moved by the page's own script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from corrtip.report.style import TIER_COLOURS, TIER_MARKERS

if TYPE_CHECKING:
    import altair as alt

SPECIAL: Final = "special case"
"""How the countries are called that a report lists without a rank."""

CLASSES: Final = {
    "worse": "worse tier, p < .05",
    "worse-open": "worse tier, p ≥ .05",
    "better-open": "better tier, p ≥ .05",
    "better": "better tier, p < .05",
}
"""Where more corruption leads in a specification; the page's style has a colour of each name."""

# The shapes of the house style, as Vega calls them.
_SHAPES: Final = {"o": "circle", "s": "square", "^": "triangle-up", "D": "diamond"}
_HALF: Final = 8  # countries of one bin above or below the middle of a band
_FONT: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"

# Colours are those of the page's style, so that light and dark are one drawing.
_CONFIG: Final = {
    "axis": {
        "domainColor": "var(--soft)",
        "gridColor": "var(--line)",
        "labelColor": "var(--soft)",
        "labelFontSize": 12,
        "tickColor": "var(--soft)",
        "titleColor": "var(--ink)",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
    },
    "background": "transparent",
    "font": _FONT,
    "legend": {"labelColor": "var(--ink)", "labelFontSize": 12, "titleColor": "var(--ink)", "titleFontSize": 12},
    "view": {"stroke": "transparent"},
}


def build_charts() -> dict[str, dict[str, Any]]:
    """Return the charts by the place that they take on the page.

    Returns
    -------
    dict
        ``years``, ``placements`` and ``curve``: Vega-Lite with named data and no values, so that every number on the
        page comes from the results.
    """
    charts = {"years": _years(), "placements": _placements(), "curve": _curve()}
    shared = {"config": _CONFIG, "width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
    made = {name: chart.to_dict() | shared for name, chart in charts.items()}
    # The address of the language's schema says nothing to a browser.
    return {name: {key: value for key, value in chart.items() if key != "$schema"} for name, chart in made.items()}


def _years() -> alt.TopLevelMixin:
    """Return the estimate of every year, above the estimates of all other choices; ``picked`` is the year in words."""
    import altair as alt

    x = alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0, labelOverlap="greedy", ticks=False))
    y = alt.Y("effect:Q", title="Percentage points", axis=alt.Axis(tickCount=6))
    own, others = alt.Chart(alt.NamedData(name="own")), alt.Chart(alt.NamedData(name="others"))
    here = "datum.year === picked"
    fitted = own.transform_filter("isValid(datum.effect)")
    return (
        alt.layer(
            own.mark_rect(cursor="pointer").encode(
                x=x,
                fill=alt.condition(here, alt.value("var(--tint)"), alt.value("transparent")),
                stroke=alt.condition(here, alt.value("var(--soft)"), alt.value("transparent")),
                description="words:N",
            ),
            others.mark_tick(color="var(--soft)", opacity=0.4, thickness=1, aria=False, tooltip=None).encode(x=x, y=y),
            own.transform_aggregate(n="count()").mark_rule(color="var(--ink)", aria=False).encode(y=alt.datum(0)),
            fitted.mark_rule(color="var(--link)", strokeWidth=2.5, aria=False).encode(x=x, y="low:Q", y2="high:Q"),
            fitted.mark_point(filled=True, color="var(--link)", opacity=1, aria=False).encode(
                x=x, y=y, size=alt.condition(here, alt.value(150), alt.value(50))
            ),
        )
        .add_params(alt.param(name="picked", value=0))
        .properties(height=300)
    )


def _placements() -> alt.TopLevelMixin:
    """Return every country by tier and corruption, heaped where several meet; ``picked`` is a country's code."""
    import altair as alt

    here = "datum.iso3 === picked"
    levels = [*TIER_COLOURS, SPECIAL]
    shape = alt.Scale(domain=levels, range=[*(_SHAPES[TIER_MARKERS[level]] for level in TIER_COLOURS), "cross"])
    colour = alt.Scale(domain=levels, range=[*TIER_COLOURS.values(), "var(--soft)"])
    printed = alt.Legend(title="Tier as printed", orient="top")
    chart: alt.Chart = (
        alt.Chart(alt.NamedData(name="countries"))
        .transform_bin("bin", "value", bin=alt.Bin(maxbins=60))
        .transform_joinaggregate(heap="count()", groupby=["row", "bin"])
        .transform_window(
            place="row_number()", groupby=["row", "bin"], sort=[alt.SortField("value"), alt.SortField("iso3")]
        )
        .transform_calculate(offset="datum.place - (datum.heap + 1) / 2")
        .mark_point(cursor="pointer", stroke="var(--ink)", opacity=1)
        .encode(
            x=alt.X("value:Q", title=None, scale=alt.Scale(zero=False, nice=True, reverse=alt.ExprRef("reversed"))),
            y=alt.Y(
                "row:N",
                title=None,
                sort=None,
                axis=alt.Axis(grid=True, ticks=False, labelExpr="split(datum.label, '|')"),
            ),
            yOffset=alt.YOffset("offset:Q", scale=alt.Scale(domain=[-_HALF, _HALF])),
            shape=alt.Shape("level:N", scale=shape, legend=printed),
            fill=alt.Fill("level:N", scale=colour, legend=printed),
            fillOpacity=alt.condition("datum.inside", alt.value(1), alt.value(0.15)),
            size=alt.condition(here, alt.value(220), alt.value(46)),
            strokeWidth=alt.condition(here, alt.value(2.5), alt.value(0.6)),
            description="name:N",
        )
        .add_params(alt.param(name="picked", value=""), alt.param(name="reversed", value=False))
        .properties(height=440)
    )
    return chart


def _curve() -> alt.TopLevelMixin:
    """Return every specification from the lowest effect to the highest; ``brush`` is the part that a reader marks."""
    import altair as alt

    chart = alt.Chart(alt.NamedData(name="specifications"))
    x = alt.X("place:Q", title=None, scale=alt.Scale(nice=False), axis=alt.Axis(grid=False, format=",d"))
    colour = alt.Scale(domain=list(CLASSES.values()), range=[f"var(--{name})" for name in CLASSES])
    brush = alt.selection_interval(
        name="brush", encodings=["x"], mark=alt.BrushConfig(fill="var(--ink)", fillOpacity=0.12, stroke="var(--ink)")
    )
    return alt.layer(
        chart.mark_area(color="var(--soft)", opacity=0.22, aria=False, clip=True).encode(x=x, y="low:Q", y2="high:Q"),
        chart.transform_aggregate(n="count()").mark_rule(color="var(--ink)", aria=False).encode(y=alt.datum(0)),
        chart.mark_point(filled=True, size=9, opacity=1, aria=False, clip=True)
        .encode(
            x=x,
            y=alt.Y("effect:Q", title="Percentage points"),
            color=alt.Color(
                "leads:N", scale=colour, legend=alt.Legend(title=None, orient="top", columns=2, symbolSize=60)
            ),
        )
        .add_params(brush)
        .properties(name="specifications"),
    ).properties(height=300)
