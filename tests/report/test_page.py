"""The page as readers open it: nothing is asked of a network, its own policy stops nothing, its tables sort."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page

from corrtip import project
from corrtip.report.documents import page
from corrtip.report.style import drawn, new_axes
from corrtip.report.tables import Table

REPORT = project.require_checkout("tests") / "report"
# One column a kind of cell; each is printed in no order at all.
PRINTED = Table(
    caption="Every kind of cell",
    columns=("Country", "Estimate", "p", "Interval", "Sum"),
    align="lrrrr",
    rows=(
        ("Tier 10", "−0.2 (0.1)", "< .001", "−1.0 to 2.0", "1,234"),
        ("Éire", "0.15*", ".001", "", "999"),
        ("Tier 2", "–", "p = .03", "[−2.5, 9]", "1,234.5"),
        ("Zambia", "−1.25", ".2", "(0.5 to 1)", "12 %"),
        ("Angola", "10", "–", "0.1 to 0.2", "−5"),
    ),
)
SHORT = Table(caption="Two rows", columns=("a", "b"), align="lr", rows=(("x", "2"), ("y", "1")))
SINGLE = Table(caption="Texts", columns=("a",), align="l", rows=(("x",), ("z",), ("y",)))
PAIRED = Table(
    caption="Rows in pairs", columns=("a", "b"), align="lr", rows=(("x", "2"), ("", "(1)"), ("y", "1"), ("", "(3)"))
)
TABLES = {"printed": PRINTED, "short": SHORT, "single": SINGLE, "paired": PAIRED}
UPWARDS = {
    "Country": ["Angola", "Éire", "Tier 2", "Tier 10", "Zambia"],
    "Estimate": ["−1.25", "−0.2 (0.1)", "0.15*", "10", "–"],
    "p": ["< .001", ".001", "p = .03", ".2", "–"],
    "Interval": ["[−2.5, 9]", "−1.0 to 2.0", "0.1 to 0.2", "(0.5 to 1)", ""],
    "Sum": ["−5", "12 %", "999", "1,234", "1,234.5"],
}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return where a page with the tables above and a drawing is."""
    build = tmp_path_factory.mktemp("build")
    folder = build / "results/01_x"
    folder.mkdir(parents=True)
    axes = new_axes(3, 2)
    axes.plot([0, 1], [0, 1], linestyle="dashed", color="#d55e00")
    axes.imshow([[0, 1], [1, 0]])
    (folder / "f.svg").write_bytes(drawn(axes, "f")[0])
    tables = "\n\n".join(table.markdown(f"table-{name}") for name, table in TABLES.items())
    text = f'---\ntitle: T\nlang: en\n---\n\n# First\n\n{tables}\n\n![c](results/01_x/f.svg){{alt="words"}}\n\n$x^2$\n'
    made = build / "report.html"
    made.write_text(page(text, REPORT, build), encoding="utf-8")
    return made.as_uri()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """Open the page, and afterwards hold that it asked for nothing and that nothing in it went wrong."""
    asked: list[str] = []
    said: list[str] = []
    context = browser.new_context()
    tab = context.new_page()
    tab.set_default_timeout(5_000)
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(address)
    yield tab
    assert [url for url in asked if not url.startswith("data:")] == [address]
    # A violation of the policy is said on the console.
    assert said == []
    context.close()


def column(table: Locator, name: str) -> list[str]:
    """Return the cells of a column as they stand."""
    place = PRINTED.columns.index(name) + 1
    return table.locator(f"tbody td:nth-child({place})").all_text_contents()


@pytest.mark.parametrize("name", UPWARDS)
def test_a_press_orders_upwards_a_second_downwards_a_third_as_printed(opened: Page, name: str) -> None:
    table = opened.locator("#table-printed")
    head = table.locator("th", has=opened.get_by_role("button", name=name, exact=True))
    printed = [row[PRINTED.columns.index(name)] for row in PRINTED.rows]
    missing = [cell for cell in UPWARDS[name] if cell in {"", "–"}]
    there = [cell for cell in UPWARDS[name] if cell not in missing]
    for order, cells in (
        ("ascending", UPWARDS[name]),
        ("descending", [*reversed(there), *missing]),
        ("none", printed),
    ):
        head.get_by_role("button").click()
        assert head.get_attribute("aria-sort") == order
        assert column(table, name) == cells


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_sorts_and_only_one_column_says_so(opened: Page, key: str) -> None:
    table = opened.locator("#table-printed")
    table.get_by_role("button", name="Country").click()
    opened.keyboard.press("Tab")
    opened.keyboard.press(key)
    assert column(table, "Estimate") == UPWARDS["Estimate"]
    marks = table.locator("th").evaluate_all("heads => heads.map(head => head.ariaSort)")
    assert marks == ["none", "ascending", "none", "none", "none"]


def test_equal_cells_keep_the_order_of_print(opened: Page) -> None:
    table = opened.locator("#table-printed")
    table.locator("tbody td:nth-child(5)").evaluate_all("cells => cells.forEach(cell => cell.textContent = '1')")
    for _ in range(2):
        table.get_by_role("button", name="Sum").click()
        assert column(table, "Country") == [row[0] for row in PRINTED.rows]


@pytest.mark.parametrize("name", ["short", "single", "paired"])
def test_two_rows_one_column_and_rows_that_belong_together_are_left_as_they_are(opened: Page, name: str) -> None:
    assert opened.locator(f"#table-{name} tbody tr").count() == len(TABLES[name].rows)
    assert opened.locator(f"#table-{name} button").count() == 0


def test_numbers_stand_right_and_paper_shows_no_sign_of_order(opened: Page) -> None:
    cell = opened.locator("#table-printed td:nth-child(2)").first
    assert cell.evaluate("cell => getComputedStyle(cell).textAlign") == "right"
    sign = "button => getComputedStyle(button, '::after').display"
    button = opened.locator("#table-printed button").first
    assert button.evaluate(sign) != "none"
    opened.emulate_media(media="print")
    assert button.evaluate(sign) == "none"


def test_a_wide_table_scrolls_below_its_caption_on_a_phone(opened: Page) -> None:
    opened.set_viewport_size({"width": 390, "height": 844})
    scroll = opened.locator(".scroll", has=opened.locator("#table-printed"))
    assert scroll.evaluate("box => box.scrollWidth > box.clientWidth && document.body.scrollWidth <= innerWidth")
    caption = scroll.locator("caption .view")
    before = caption.bounding_box()
    scroll.evaluate("box => box.scrollBy(120, 0)")
    assert before is not None
    assert caption.bounding_box() == before
    assert before["x"] + before["width"] <= 390


def test_without_a_script_the_table_is_plain(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address)
    assert column(tab.locator("#table-printed"), "Sum") == [row[4] for row in PRINTED.rows]
    assert tab.locator("button").count() == 0
    context.close()


def test_the_drawing_looks_as_drawn_and_its_ink_follows_the_theme(browser: Browser, address: str) -> None:
    seen = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(color_scheme=scheme)
        tab = context.new_page()
        tab.goto(address)
        strokes = tab.locator("figure svg path").evaluate_all(
            "paths => paths.map(path => getComputedStyle(path)).map(style => [style.stroke, style.strokeDasharray])"
        )
        seen[scheme] = {tuple(stroke) for stroke in strokes}
        context.close()
    dashed = {(colour, dashes) for colour, dashes in seen["light"] if dashes != "none"}
    assert {colour for colour, _ in dashed} == {"rgb(213, 94, 0)"}
    assert dashed <= seen["dark"]
    assert {("rgb(28, 33, 38)", "none")} <= seen["light"] - seen["dark"]
    assert {("rgb(228, 232, 236)", "none")} <= seen["dark"] - seen["light"]


def test_what_is_not_ours_is_stopped_by_the_policy(browser: Browser, address: str, tmp_path: Path) -> None:
    made = Path(address.removeprefix("file://")).read_text(encoding="utf-8")
    foreign = (
        "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">"
        "<a id=led href=\"javascript:document.title = 'taken'\">x</a><p id=dyed style='color: red'>x</p>"
    )
    (tmp_path / "forged.html").write_text(made.replace("</main>", f"{foreign}</main>"), encoding="utf-8")
    context = browser.new_context()
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto((tmp_path / "forged.html").as_uri())
    tab.locator("#led").click()
    assert tab.title() == "T"
    assert tab.locator("#dyed").evaluate("p => getComputedStyle(p).color") != "rgb(255, 0, 0)"
    assert len([line for line in said if "Content Security Policy" in line]) >= 4
    context.close()
