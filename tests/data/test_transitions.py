from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrtip.data.transitions import NOT_LISTED, SPECIAL, History, build_history
from corrtip.errors import SpecError

LEVELS = ("1", "2", "2WL", "3")
# A year that we do not hold whole is left out, and no run and no pair spans it.
YEARS = (2004, 2005, 2007, 2008, 2009, 2010)
STATES = st.lists(
    st.lists(st.sampled_from([*LEVELS, SPECIAL, NOT_LISTED, None]), min_size=len(YEARS), max_size=len(YEARS)),
    min_size=1,
    max_size=4,
)


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


def drawn(rows):
    index = pd.Index([str(country) for country in range(len(rows))], name="iso3")
    return History(levels=LEVELS, states=pd.DataFrame(rows, index=index, columns=YEARS, dtype=object))


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


@given(STATES)
def test_spells_are_the_longest_runs_of_one_state_and_hold_every_state_once(rows):
    known = {
        (country, year): state
        for country, row in enumerate(rows)
        for year, state in zip(YEARS, row, strict=True)
        if state is not None
    }
    held = []
    for spell in drawn(rows).spells().itertuples():
        country = int(spell.iso3)
        assert spell.years == spell.last - spell.first + 1
        held += [((country, year), spell.state) for year in range(spell.first, spell.last + 1)]
        before, after = known.get((country, spell.first - 1)), known.get((country, spell.last + 1))
        assert spell.state not in (before, after)
        assert (spell.begun, spell.ended) == (before is not None, after is not None)
    assert len(held) == len(known)
    assert dict(held) == known


@given(STATES)
def test_steps_and_gaps_are_those_of_a_count_by_hand(rows):
    history = drawn(rows)
    movers = history.movers().set_index("iso3")
    gaps = pairs = 0
    for country, row in enumerate(rows):
        better = worse = 0
        held = dict(zip(YEARS, row, strict=True))
        for before, after in pairwise(held.get(year) for year in range(YEARS[0], YEARS[-1] + 1)):
            gaps += before is not None and after is None
            pairs += before is not None and after is not None
            if before in LEVELS and after in LEVELS:
                better += LEVELS.index(after) < LEVELS.index(before)
                worse += LEVELS.index(after) > LEVELS.index(before)
        levels = sum(state in LEVELS for state in row)
        assert movers.loc[str(country)].tolist() == [better, worse, better + worse, levels]
    assert history.gaps() == gaps
    assert history.transitions().to_numpy().sum() == pairs
    moves = movers["moves"].tolist()
    assert moves == sorted(moves, reverse=True)


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


def test_years_apart_are_no_transition_and_their_order_is_that_of_time(panel):
    apart = build_history(panel, (2005, 2010))
    assert apart.transitions().to_numpy().sum() == 0
    assert apart.gaps() == apart.states[2005].notna().sum()
    assert (apart.movers()["moves"] == 0).all()
    assert build_history(panel, (2006, 2005)).transitions().equals(build_history(panel, (2005, 2006)).transitions())


def test_years_that_the_panel_does_not_reach_are_left_out(panel):
    years = panel.frame["year"]
    assert build_history(panel, (1900, 2005, 2006, 2999)).states.columns.tolist() == [2005, 2006]
    assert build_history(panel, range(2023, years.max() + 9)).states.columns.tolist() == [2023, 2024]


def test_what_has_no_order_is_refused(panel):
    with pytest.raises(SpecError, match="kind is"):
        build_history(panel, (2004, 2005), "region")
    with pytest.raises(SpecError, match="two or more"):
        build_history(panel, (2025,))
