import json
import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corrtip.cli.terminal import plain, print_facts, print_json, print_table, print_text, speak_plainly, waiting


@dataclass(frozen=True)
class Point:
    x: float
    names: tuple[str, ...]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (math.nan, None),
        (math.inf, None),
        (np.float64(1.5), 1.5),
        (np.int64(7), 7),
        (np.bool_(False), False),
        (pd.NA, None),
        (pd.NaT, None),
        (np.array([1.0, math.nan]), [1.0, None]),
        (Path("a/b"), "a/b"),
        (Point(x=0.5, names=("a",)), {"x": 0.5, "names": ["a"]}),
        ({2005: (1, 2)}, {"2005": [1, 2]}),
        (pd.Series({"n": 3, "llf": -1.5}), {"n": 3, "llf": -1.5}),
        (pd.DataFrame({"term": ["a"], "p": [math.nan]}), [{"term": "a", "p": None}]),
        (
            pd.DataFrame({"v": [1]}, index=pd.MultiIndex.from_tuples([("NGA", 2005)], names=["iso3", "year"])),
            [{"iso3": "NGA", "year": 2005, "v": 1}],
        ),
    ],
)
def test_values_become_json_types(value, expected):
    found = plain(value)
    assert found == expected
    assert json.loads(json.dumps(found, allow_nan=False)) == expected


def test_what_has_no_json_is_refused_and_not_guessed():
    with pytest.raises(AttributeError):
        plain(object())


def test_json_keeps_letters(capsys):
    print_json({"country": "Côte d'Ivoire"})
    assert capsys.readouterr().out == '{\n  "country": "Côte d\'Ivoire"\n}\n'


def test_a_table_has_heads_numbers_to_the_right_and_no_trailing_blanks(capsys):
    print_table(("why", "rows"), [("a", "5"), ("longer", "12")], numbers=("rows",))
    assert capsys.readouterr().out == "why     rows\na          5\nlonger    12\n"


def test_brackets_are_text_and_not_markup(capsys):
    print_table(("why",), [("[red]region[T.South Asia][/red]",)])
    print_facts([("[bold]", "[link]")])
    assert capsys.readouterr().out == "why\n[red]region[T.South Asia][/red]\n[bold]  [link]\n"


def test_text_is_one_line_where_it_is_piped(capsys):
    text = "word " * 60
    print_text(text.strip(), indent="  ")
    assert capsys.readouterr().out == f"  {text.strip()}\n"


def test_text_breaks_between_words_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    print_text("one two three four five six", indent="  ")
    assert capsys.readouterr().out == "  one two three four\n  five six\n"


def test_a_terminal_too_narrow_for_a_table_gets_one_fact_a_line(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    columns = ("source", "editions", "years", "figures", "confirmed", "doubtful")
    print_table(columns, [("cpi", "31", "1995-2025", "29,000", "4,610", ""), ("tip", "25", "", "", "", "")])
    lines = re.sub(r"\x1b\[\d*m", "", capsys.readouterr().out).splitlines()
    assert lines == [
        "source     cpi",
        "editions   31",
        "years      1995-2025",
        "figures    29,000",
        "confirmed  4,610",
        "",
        "source    tip",
        "editions  25",
    ]


def test_signs_that_a_stream_lacks_become_the_nearest(tmp_path):
    file = tmp_path / "said.txt"
    with file.open("w", encoding="ascii") as stream:
        speak_plainly(stream)
        stream.write("−0.41 – ∞ × † Côte d\u2019Ivoire 中")
    assert file.read_text(encoding="ascii") == "-0.41 - inf x + Cote d?Ivoire ?"


def test_a_stream_of_utf_8_stays_as_it_is(tmp_path):
    with (tmp_path / "said.txt").open("w", encoding="utf-8") as stream:
        speak_plainly(stream)
        assert stream.errors == "strict"


def test_waiting_is_shown_on_a_terminal_only(capsys, monkeypatch):
    with waiting("Carrying out"):
        pass
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with waiting("Carrying out"):
        pass
    said = capsys.readouterr()
    assert said.out == ""
    assert "Carrying out" in said.err
