"""The interactive page holds the results and nothing else, reaches nothing, and moves as readers choose."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from corrtip import project
from corrtip.data.panel import Panel
from corrtip.errors import ReportError
from corrtip.report import explore_data
from corrtip.report.artifacts import Artifact, Record, Results, read_results
from corrtip.report.explore import explore_page
from corrtip.robustness.by_year import run_by_year
from corrtip.robustness.curve import run_grid
from corrtip.robustness.grid import Grid, load_grid

FOLDER = project.require_checkout("tests") / "report"
LIVES = [("cpi_pre2012", "cpi")]
YEARS = (2004, 2005, 2012, 2024)
# WCAG 2.2: of text 4.5 to 1, of marks 3 to 1.
TEXT, MARKS = 4.5, 3.0
# What Vega's own code names, and never asks for: namespaces, an editor behind a menu that is off, a schema, an issue.
NAMED = {
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/2000/xmlns/",
    "https://github.com/vega/vega-lite/issues/2415",
    "https://vega.github.io/editor/",
    "https://vega.github.io/schema/vega/v6.json",
}
WATCH = """
window.seen = [];
document.addEventListener("securitypolicyviolation", (event) => seen.push(event.violatedDirective + event.sample));
"""


@pytest.fixture(scope="module")
def grid() -> Grid:
    whole = load_grid("zhang_pineda")
    fixed = ("region", "income", "regime", "report", "vintage", "special", "countries", "link", "covariance")
    taken = {choice.name: [choice.options[0].name] for choice in whole.choices if choice.name in fixed}
    some = {"vintage": ["now"], "focal": ["CPI", "V-Dem"], "tiers": ["four levels", "1 or not"]}
    return whole.restricted({**taken, **some})


@pytest.fixture(scope="module")
def build(panel: Panel, grid: Grid, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A build folder with what the page is made of, in some years and under some choices."""
    folder = tmp_path_factory.mktemp("build")
    results = Results(folder / "results/08_x", ["data/countries.csv"])
    variables = explore_data.variables_of(panel, grid, LIVES)
    figures = explore_data.figures_of(panel, variables, YEARS)
    frames = {
        "explore.options": explore_data.options_of(load_grid("zhang_pineda")),
        "explore.levels": explore_data.levels_of(panel, grid),
        "explore.variables": variables,
        "explore.grid": run_by_year(panel, grid, YEARS, lives=LIVES),
        "explore.figures": figures,
        "explore.countries": explore_data.countries_of(panel, figures),
        "explore.editions": explore_data.editions_of(panel, figures),
        "robust.curve.values": explore_data.curve_of(run_grid(panel, grid, draws=0)),
    }
    for name, frame in frames.items():
        results.data(name, frame, caption=name)
    (folder / "explore.html").write_text(explore_page(saved(folder), FOLDER, folder), encoding="utf-8")
    return folder


def saved(build: Path) -> dict[str, tuple[Record, Artifact]]:
    """Return the results of the build by name."""
    return {record.name: (record, artifact) for record, artifact in read_results(build, ["08_x"])}


@pytest.fixture(scope="module")
def text(build: Path) -> str:
    return (build / "explore.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def table(build: Path) -> pd.DataFrame:
    """The estimates as they were saved."""
    return pd.read_csv(build / "results/08_x/explore.grid.csv", keep_default_na=False, na_values={"effect": [""]})


def held(text: str) -> dict[str, Any]:
    """Return the data that the page holds."""
    (found,) = re.findall(r'<script type="application/json" id="held">(.*?)</script>', text)
    return json.loads(found)


def test_the_policy_names_the_one_style_and_the_one_script_and_allows_nothing_else(text: str) -> None:
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    for name, content in (("style-src", style), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert rules == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    assert "style=" not in text[: text.index("<script")]


def test_the_page_names_no_address_but_those_that_its_libraries_never_ask_for(text: str) -> None:
    assert set(re.findall(r"https?://[^\s\"'`<>)\\]+", text)) <= NAMED
    assert not re.findall(r"<(?:img|iframe|link|object)\b|\bsrc=|@import", text[: text.index("<script")])


def test_every_number_of_the_page_is_that_of_the_results(text: str, build: Path) -> None:
    page = held(text)
    for part, name in (("grid", "explore.grid"), ("curve", "robust.curve.values")):
        frame = pd.read_csv(build / f"results/08_x/{name}.csv")
        assert list(page[part]) == list(frame.columns)
        for column in frame.dropna(axis="columns", how="all").select_dtypes("number"):
            ours = pd.Series(page[part][column], dtype=float)
            pd.testing.assert_series_equal(ours, frame[column].astype(float), check_exact=True, check_names=False)
    figures = pd.read_csv(build / "results/08_x/explore.figures.csv", dtype={"level": str})
    assert sum(len(of) for years in page["figures"].values() for of in years.values()) == len(figures)
    for row in figures.sample(80, random_state=1).itertuples():
        value, source, line, *_ = page["figures"][row.variable][str(row.year)][row.iso3]
        assert (page["editions"]["source"][source], line) == (row.source, row.line)
        number = None if pd.isna(row.value) else row.value
        assert value == (row.level if isinstance(row.level, str) else number)


def test_two_pages_of_the_same_results_are_the_same_bytes(text: str, build: Path) -> None:
    assert explore_page(saved(build), FOLDER, build) == text


def test_a_missing_result_is_named(build: Path) -> None:
    records = {name: found for name, found in saved(build).items() if name != "explore.levels"}
    with pytest.raises(ReportError, match=r'no data are named "explore\.levels"'):
        explore_page(records, FOLDER, build)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG defines it."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_text_and_marks_stand_out_in_light_and_dark(text: str) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    sheets = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)
    ]
    light = {name: colour for sheet in sheets[::2] for name, colour in sheet.items()}
    dark = {name: colour for sheet in sheets[1::2] for name, colour in sheet.items()}
    for theme in (light, dark):
        for ground in ("ground", "tint"):
            assert min(contrast(theme[name], theme[ground]) for name in ("ink", "soft", "link")) >= TEXT
        marks = ("worse", "worse-open", "better-open", "better")
        assert min(contrast(theme[name], theme["ground"]) for name in marks) >= MARKS


@pytest.fixture
def page(browser: Browser, build: Path) -> Iterator[Page]:
    """The page in a browser without a network; whatever it asked for or complained of is an error at the end."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_offline(True)
    asked: list[str] = []
    said: list[str] = []
    address = (build / "explore.html").as_uri()
    opened = context.new_page()
    opened.on("request", lambda request: asked.append(request.url))
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.add_init_script(WATCH)
    opened.goto(address)
    opened.wait_for_selector("html[data-ready]", timeout=60_000)
    expect(opened.get_by_text("it has not run")).to_be_hidden()
    yield opened
    assert opened.evaluate("seen") == []
    assert said == []
    assert asked == [address]
    context.close()


def shown(table: pd.DataFrame, **choice: object) -> tuple[str, str]:
    """Return estimate and interval of a choice as the page must write them."""
    rows = table
    for name, value in choice.items():
        rows = rows[rows[name] == value]
    (row,) = rows.to_dict(orient="records")
    points = [f"{100 * float(row[name]):.1f}".replace("-", "−") for name in ("effect", "effect_low", "effect_high")]
    return points[0], f"{points[1]} to {points[2]}"


def test_each_choice_moves_the_estimate_to_the_saved_one(page: Page, table: pd.DataFrame) -> None:
    choice = {"year": 2005, "focal": "CPI", "controls": "mortality, life expectancy", "tiers": "four levels"}
    first = page.locator("#numbers tbody tr").first.locator("td")
    drawn = set()
    for name, value in (("year", 2012), ("focal", "V-Dem"), ("controls", "HDI"), ("tiers", "1 or not")):
        expect(first.nth(1)).to_have_text(shown(table, **choice)[0])
        expect(first.nth(2)).to_have_text(shown(table, **choice)[1])
        drawn.add(page.locator("#years svg").inner_html())
        choice[name] = value
        page.select_option(f"#{name}", str(value))
    expect(first.nth(1)).to_have_text(shown(table, **choice)[0])
    expect(page.locator("#estimate")).to_contain_text(
        "Report of 2012; measure: V-Dem; held fixed: HDI; tiers: 1 or not."
    )
    assert len(drawn) == 4


def test_a_combination_without_an_estimate_says_why(page: Page) -> None:
    page.select_option("#year", "2024")
    page.select_option("#controls", "HDI")
    expect(page.locator("#estimate")).to_contain_text("No estimate: no row is left")


def test_the_countries_that_are_drawn_full_are_those_of_the_estimate(page: Page, table: pd.DataFrame) -> None:
    for year, controls in ((2005, "with GDP"), (2012, "none"), (2004, "HDI")):
        page.select_option("#year", str(year))
        page.select_option("#controls", controls)
        rows = table.query("year == @year and controls == @controls and focal == 'CPI' and tiers == 'four levels'")
        expect(page.locator("#placements")).to_have_attribute("aria-label", re.compile(rf" {rows['n'].item()} of them"))


def test_pointing_at_a_country_shows_its_figures_and_their_lines(page: Page, panel: Panel) -> None:
    mark = page.locator('#placements path[aria-label="Denmark"]')
    mark.hover()
    found = panel.lineage("DNK", 2005, "cpi_pre2012")
    expect(page.locator("#country")).to_have_value("DNK")
    card = page.locator("#figures")
    expect(card).to_contain_text(f"Transparency International, {found.file}, line {found.line}")
    expect(card.locator("tr", has_text="Corruption Perceptions Index").locator("td")).to_have_text(found.figure)


def test_the_keyboard_alone_goes_from_country_to_country_and_from_year_to_year(page: Page) -> None:
    page.locator("#year").focus()
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
    assert [name for name in reached if name] == [
        "focal",
        "controls",
        "tiers",
        "years-keys",
        "placements-keys",
        "country",
        "from",
        "to",
        "whole",
    ]
    page.locator("#placements-keys").focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    before = page.locator("#country").input_value()
    page.keyboard.press("ArrowRight")
    after = page.locator("#country").input_value()
    assert after != before
    page.keyboard.press("ArrowLeft")
    assert page.locator("#country").input_value() == before
    page.locator("#years-keys").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#estimate")).to_contain_text("Report of 2004")


def test_marking_the_curve_says_what_is_in_the_part(page: Page, build: Path) -> None:
    curve = pd.read_csv(build / "results/08_x/robust.curve.values.csv")
    page.locator("#curve svg").scroll_into_view_if_needed()
    box = page.locator("#curve svg").bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=5)
    page.mouse.up()
    said = page.locator("#marked")
    expect(said).not_to_contain_text(f"Marked: {len(curve)} of")
    low, high = (int(page.locator(f"#{end}").input_value()) for end in ("from", "to"))
    assert 1 < low < high < len(curve)
    part = curve.iloc[low - 1 : high]
    expect(said).to_contain_text(f"Marked: {len(part)} of {len(curve)} specifications")
    expect(said).to_contain_text(f"median {100 * part['effect'].median():.1f}")
    first = page.locator("#shares tbody tr").first.locator("td")
    expect(first.nth(2)).to_have_text(str((part["focal"] == "CPI").sum()))
    page.click("#whole")
    expect(said).to_contain_text(f"Marked: {len(curve)} of {len(curve)}")


def test_the_sliders_mark_the_curve_too(page: Page) -> None:
    page.locator("#to").fill("5")
    expect(page.locator("#marked")).to_contain_text("Marked: 5 of")
    assert page.locator("#single tbody tr").count() == 5
    page.locator("#from").fill("2")
    page.set_viewport_size({"width": 900, "height": 1200})
    page.wait_for_timeout(300)
    expect(page.locator("#marked")).to_contain_text("Marked: 4 of")


def test_a_phone_and_the_dark_show_it_whole(browser: Browser, build: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page = context.new_page()
    page.goto((build / "explore.html").as_uri())
    page.wait_for_selector("html[data-ready]", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 28)"
    point = page.locator("#years svg path[fill='var(--link)']").first
    assert point.evaluate("mark => getComputedStyle(mark).fill") == "rgb(124, 196, 242)"
    context.close()


def test_without_scripts_the_page_says_where_the_same_stands(browser: Browser, build: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((build / "explore.html").as_uri())
    expect(page.get_by_text("it has not run")).to_be_visible()
    expect(page.locator("main")).to_be_hidden()
    context.close()
