import pandas as pd
import pytest

from corrtip.data.transitions import NOT_LISTED, SPECIAL, History
from corrtip.report.style import drawn
from corrtip.report.year_figures import plot_history, plot_transitions, plot_years, state_name


@pytest.fixture
def history():
    states = pd.DataFrame(
        {2004: ["1", "3", NOT_LISTED], 2005: ["2", "2WL", SPECIAL], 2006: ["2", None, "3"]},
        index=pd.Index(["AAA", "BBB", "CCC"], name="iso3"),
        dtype=object,
    )
    return History(levels=("1", "2", "2WL", "3"), states=states)


def test_every_year_with_an_estimate_is_drawn_with_its_interval():
    effects = pd.DataFrame(
        {
            "year": [2004, 2005, 2006],
            "series": "CPI",
            "estimate": [10.0, 12.0, None],
            "conf_low": [5.0, 6.0, None],
            "conf_high": [15.0, 18.0, None],
        }
    )
    ax = plot_years(effects, label="Points")
    (container,) = ax.containers
    assert container.lines[0].get_ydata().tolist() == [10.0, 12.0]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["CPI"]
    drawn(ax, "years")


def test_countries_stand_by_their_tiers_with_a_letter_in_each_known_cell(history):
    ax = plot_history(history, names={"AAA": "Aland", "BBB": "Beland", "CCC": "Celand"})
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Aland", "Beland", "Celand"]
    assert [text.get_text() for text in ax.texts] == ["1", "2", "2", "3", "w", "", "s", "3"]
    drawn(ax, "history")


def test_cells_of_transitions_hold_share_and_count(history):
    ax = plot_transitions(history.transitions())
    texts = [text.get_text() for text in ax.texts if text.get_text()]
    assert "100 %\n1" in texts
    assert len(ax.texts) == 36
    drawn(ax, "transitions")


def test_states_have_names_for_readers():
    assert [state_name(state) for state in ("1", "2WL", SPECIAL)] == ["Tier 1", "Tier 2 watch list", "Special case"]
