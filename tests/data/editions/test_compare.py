import pandas as pd
import pytest

from corrtip.data.editions.compare import ENOUGH, compare_editions


def frame(variable, figures, source="wdi/1"):
    """Return figures by country and year as far as the comparison looks at them."""
    levels = any(isinstance(figure, str) for figure in figures.values())
    return pd.DataFrame(
        {
            "iso3": [iso3 for iso3, _ in figures],
            "year": [year for _, year in figures],
            "variable": variable,
            "value": [None if levels else figure for figure in figures.values()],
            "level": [figure if levels else None for figure in figures.values()],
            "source": source,
        }
    )


def steady(step, start=100.0):
    """Return a history of one country whose yearly changes are all alike, long enough for a rule."""
    return {("DNK", year): start + step * year for year in range(ENOUGH + 1)}


@pytest.fixture
def compare(names):
    def run(variable, now, before, history):
        frames = [frame(variable, figures) for figures in (now, before, history)]
        return compare_editions(*frames, catalogue=names.catalogue, countries=names.countries)

    return run


def test_on_a_scale_with_two_ends_a_difference_is_unlikely(compare):
    told = compare("cpi", {("ALB", 2026): 41, ("NGA", 2026): 43}, {("ALB", 2025): 39, ("NGA", 2025): 40}, steady(-2))
    assert [(note.what, note.iso3) for note in told.notes] == [("unlikely", "NGA")]
    (change,) = told.changes
    assert (change.limit, change.in_proportion) == (2, False)


def test_without_an_upper_end_a_factor_is_unlikely(compare):
    history = {("DNK", year): 1.01**year for year in range(ENOUGH + 1)}
    told = compare(
        "gdp", {("ALB", 2026): 1.005e9, ("NGA", 2026): 1020}, {("ALB", 2025): 1e9, ("NGA", 2025): 1000}, history
    )
    assert [(note.what, note.iso3) for note in told.notes] == [("unlikely", "NGA")]
    (change,) = told.changes
    assert change.limit == pytest.approx(1.01, rel=1e-9)  # the yearly growth of the history, through logarithms
    assert change.in_proportion


def test_too_short_a_history_gives_no_rule(compare):
    history = {key: figure for key, figure in steady(-2).items() if key[1] < ENOUGH - 1}
    told = compare("cpi", {("ALB", 2026): 90}, {("ALB", 2025): 10}, history)
    assert not told.notes
    assert told.changes[0].limit is None


def test_tiers_leap_by_two_steps_or_more(compare):
    now = {("ALB", 2026): "2WL", ("NGA", 2026): "2WL", ("DNK", 2026): "3"}
    before = {("ALB", 2025): "2", ("NGA", 2025): "1", ("DNK", 2025): "1"}
    told = compare("tier", now, before, before)
    assert [(note.iso3, note.before, note.now) for note in told.notes] == [("NGA", "1", "2WL"), ("DNK", "1", "3")]


def test_who_is_new_and_who_is_gone(compare):
    told = compare("cpi", {("ALB", 2026): 41, ("NGA", 2026): 26}, {("ALB", 2025): 41, ("DNK", 2025): 89}, {})
    assert [(note.what, note.iso3, note.year) for note in told.notes] == [("new", "NGA", 2026), ("gone", "DNK", 2025)]
    (change,) = told.changes
    assert (change.before, change.now, change.same, change.changed, change.new, change.gone) == (2, 2, 1, 0, 1, 1)
    assert (told.count("new"), told.count("unlikely")) == (1, 0)


def test_a_new_year_of_a_series_is_compared_with_the_year_before(compare):
    before = {("ALB", 2024): 40, ("ALB", 2025): 41}
    now = {("ALB", 2024): 40, ("ALB", 2025): 41, ("ALB", 2026): 60}
    told = compare("cpi", now, before, steady(-2))
    assert [(note.what, note.year, note.before, note.now) for note in told.notes] == [("unlikely", 2026, "41", "60")]


def test_a_revision_is_compared_with_the_same_year(compare):
    before = {("ALB", 2024): 40, ("ALB", 2025): 60}
    told = compare("cpi", {("ALB", 2024): 40, ("ALB", 2025): 70}, before, steady(-2))
    assert [(note.year, note.before, note.now) for note in told.notes] == [(2025, "60", "70")]


def test_without_figures_before_nothing_is_new_or_unlikely(compare):
    told = compare("cpi", {("ALB", 2026): 41}, {}, {})
    assert not told.notes
    assert told.changes[0].new == 1
