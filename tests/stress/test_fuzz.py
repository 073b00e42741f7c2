"""A minute's worth of the campaign: every reader, a fixed share of its inputs, and all that was ever found."""

import os
import sys
import time
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stress.campaign import Result
from stress.fuzz import GUIDED, run, scratch, targets
from stress.fuzz.limits import limited_time, run_target
from stress.fuzz.target import Target, UnreadableError, damaged, judge

from corrtip.errors import DataError
from stress import fuzz

REGRESSION = Path(__file__).resolve().parent.parent / "regression"
FOUND = sorted(path for path in REGRESSION.rglob("*") if path.is_file() and path.parent != REGRESSION)
INPUTS = 80
SLOW = {"command": 20, "arithmetic": 20, "supplied": 40, "workbook": 40}
NAMES = (
    *("cpi", "tip", "factbook", "groups", "wdi", "freedom_house", "treaties"),
    *("sidecar", "spec", "study", "grid", "correction", "catalogue", "numbers", "fetched"),
    *("new_cpi", "new_tip", "new_tip_by_tier", "new_wdi", "new_wgi", "new_wdi_json", "workbook"),
    *("record", "saved_data", "countries", "blocks", "supplied", "formula", "arithmetic", "command"),
)


@pytest.fixture(scope="module")
def readers():
    """Return all targets by name."""
    with scratch() as folder:
        yield {target.name: target for target in targets(folder)}


def ended(target, data, *, harmless=False):
    with warnings.catch_warnings(), limited_time():
        warnings.simplefilter("ignore")
        return judge(target, data, harmless=harmless)


def test_every_target_is_tried_here(readers):
    assert tuple(readers) == NAMES
    assert {*GUIDED} < {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_undamaged_inputs_are_read_as_they_stand(readers, name):
    for seed in readers[name].seeds:
        assert ended(readers[name], seed, harmless=True) == ("survived", "")


@pytest.mark.parametrize("name", NAMES)
def test_damaged_inputs_are_read_as_they_stand_or_refused_with_their_place(readers, name):
    for index in range(SLOW.get(name, INPUTS)):
        data, harmless = damaged(readers[name], index)
        assert ended(readers[name], data, harmless=harmless) == ("survived", ""), f"stress.fuzz {name} {index}"


@pytest.mark.parametrize("path", FOUND, ids=[path.relative_to(REGRESSION).as_posix() for path in FOUND])
def test_what_was_once_lost_or_wrong_is_so_no_more(readers, path):
    assert ended(readers[path.parent.name], path.read_bytes()) == ("survived", "")


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=5)), min_size=1, max_size=4))
def test_any_text_is_a_row_as_it_stands_or_refused(readers, rows):
    lines = [f'"{country.replace(chr(34), "")}","{score.replace(chr(34), "")}",,,,,,x,1' for country, score in rows]
    header = "country,score,rank,n_sources,std_error,ci_low,ci_high,from,n_independent"
    data = "\n".join([header, "Namibia,4.3,,,,,,x,1", *lines, ""]).encode("utf-8", "surrogatepass")
    assert ended(readers["cpi"], data) == ("survived", "")


@given(st.text(max_size=40))
def test_any_text_is_a_formula_of_columns_that_stand_in_it_or_refused(readers, text):
    assert ended(readers["formula"], f"tier ~ cpi + {text}".encode("utf-8", "surrogatepass")) == ("survived", "")


def misread(data):
    """Read three bytes as they stand, and others each in a wrong way of its own."""
    match data[:1]:
        case b"w":
            return b"another answer"
        case b"u":
            return data
        case b"e":
            raise ZeroDivisionError
        case b"h":
            while True:
                time.process_time()
        case b"m":
            return b"x" * (8 << 30)
        case b"k":
            os._exit(9)
        case b"n":
            raise DataError("", "no place")
        case b"r":
            raise DataError("row 1", "refused")
    return data


def meant(data):
    if data == b"u":
        raise UnreadableError("it must be refused")
    return data


@pytest.mark.parametrize(
    ("data", "outcome"),
    [(b"r", "survived"), (b"x", "survived"), (b"w", "wrong"), (b"u", "wrong"), (b"e", "lost"), (b"n", "lost")],
)
def test_the_judge_tells_what_is_lost_and_what_is_wrong(data, outcome):
    target = Target(name="t", seeds=(b"x",), read=misread, meaning=meant, damages=())
    assert judge(target, data)[0] == outcome
    assert judge(target, b"r", harmless=True)[0] == "lost"


# From Python 3.12 on; the process of the campaign has no threads, that of the test has those of its runner.
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(sys.platform != "linux", reason="the limits of memory are Linux's")
def test_hangs_endless_memory_and_ended_processes_are_counted_and_the_campaign_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr("stress.fuzz.limits.SECONDS", 0.2)
    inputs = iter([b"x", b"h", b"m", b"k", b"w", b"x"])
    by_index = dict(enumerate(inputs))
    monkeypatch.setattr("stress.fuzz.limits.damaged", lambda target, index: (by_index[index], False))
    target = Target(name="t", seeds=(b"x",), read=misread, meaning=meant, damages=())
    result = run_target(target, 6, tmp_path)
    assert (result.tried, result.survived, result.lost, result.silently_wrong) == (6, 2, 3, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["t-1", "t-2", "t-3", "t-4"]
    assert "more than 0.2 s" in result.notes[0]
    assert "MemoryError" in result.notes[1]
    assert "exit code 9" in result.notes[2]


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(sys.platform != "linux", reason="the limits of memory are Linux's")
def test_the_table_is_the_same_with_any_number_of_processes(tmp_path, monkeypatch, capsys):
    def some(folder):
        damages = (lambda chance, data: chance.choice([b"r", b"w", b"e", b"x"]),)
        # A file of the same name for each: two processes that shared a folder would find it there.
        (folder / "a.csv").touch(exist_ok=False)
        return [
            Target(name=name, seeds=(b"x",), read=misread, meaning=meant, damages=damages)
            for name in ("quick", "treaties", "other")
        ]

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("stress.fuzz.targets", some)
    monkeypatch.setattr("stress.fuzz.GUIDED", ("quick",))
    monkeypatch.setattr(
        "stress.fuzz.run_guided", lambda target, count, finds, folder: Result(tried=count, survived=count)
    )
    results = []
    for processes in (1, 3):
        monkeypatch.setattr("joblib.cpu_count", lambda processes=processes: processes)
        results.append(run(0.0005))
        assert sorted(line.split(":")[1] for line in capsys.readouterr().err.splitlines()) == [
            *(" other", " quick", " quick, guided", " treaties")
        ]
    one, three = results
    assert one == three
    assert [*one.parts] == ["quick", "quick, guided", "treaties", "other"]
    assert [part.tried for part in one.parts.values()] == [
        round(0.0005 * count) for count in (fuzz.INPUTS, fuzz.GUIDED_INPUTS, fuzz.INPUTS, fuzz.INPUTS)
    ]
    assert one.lost > 0
    assert one.silently_wrong > 0
