import pandas as pd
import pytest

from corrtip.data.transitions import NOT_LISTED, SPECIAL, History, build_history
from corrtip.errors import SpecError

LEVELS = ("1", "2", "2WL", "3")


@pytest.fixture
def history():
    states = pd.DataFrame(
        {
            2004: ["1", "2", "3", None],
            2005: ["1", "2WL", SPECIAL, NOT_LISTED],
            2006: ["2", None, "3", "2"],
            2007: ["2", "2WL", "3", "2"],
        },
        index=pd.Index(["AAA", "BBB", "CCC", "DDD"], name="iso3"),
        dtype=object,
    )
    return History(levels=LEVELS, states=states)


def test_only_pairs_of_successive_known_years_count(history):
    counts = history.transitions()
    assert counts.to_numpy().sum() == 9
    assert counts.loc["1", "2"] == counts.loc["2", "2WL"] == counts.loc["3", SPECIAL] == 1
    assert counts.loc[NOT_LISTED, "2"] == 1
    assert counts.loc["2", "2"] == 2
    assert history.gaps() == 1  # BBB of 2005, whose 2006 is not known


def test_spells_say_whether_both_ends_are_seen(history):
    spells = history.spells().set_index(["iso3", "first"])
    first = spells.loc[("AAA", 2004)]
    assert (first["state"], first["last"], first["years"], first["begun"], first["ended"]) == (
        "1",
        2005,
        2,
        False,
        True,
    )
    watched = spells.loc[("BBB", 2005)]
    assert (watched["years"], watched["begun"], watched["ended"]) == (1, True, False)
    later = spells.loc[("BBB", 2007)]
    assert (later["begun"], later["ended"]) == (False, False)
    assert spells["years"].sum() == history.states.notna().sum().sum()


def test_movers_count_steps_between_levels_only(history):
    movers = history.movers().set_index("iso3")
    assert movers.loc["AAA", ["better", "worse", "moves", "years"]].tolist() == [0, 1, 1, 4]
    assert movers.loc["CCC", ["moves", "years"]].tolist() == [0, 3]
    assert movers.index[0] == "AAA"


def test_the_real_history_agrees_with_the_placements_and_leaves_partial_years_out(panel):
    history = build_history(panel, range(2003, 2026))
    assert history.states.columns.tolist() == list(range(2003, 2025))
    assert history.states.loc["PRK", 2003] == "3"
    # The watch list came with the report of 2004: nobody can have come from it to 2004.
    counts = build_history(panel, (2003, 2004)).transitions()
    assert counts.loc["2WL"].sum() == 0
    assert counts["2WL"].sum() > 0
    # Montenegro was no country before its independence.
    assert history.states.loc["MNE", 2003] is None


def test_what_has_no_order_is_refused(panel):
    with pytest.raises(SpecError, match="kind is"):
        build_history(panel, (2004, 2005), "region")
    with pytest.raises(SpecError, match="two or more"):
        build_history(panel, (2025,))
