import io

import pandas as pd
import pytest

from corrtip.data.tables import TableColumn, codes_of, csv_text, to_csv, to_parquet, to_stata


def column(name, data, label="a label"):
    return TableColumn(name=name, label=label, data=data)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\n"])
def test_no_text_is_a_formula_for_a_spreadsheet(start):
    text = csv_text(pd.DataFrame({"note": [f"{start}HYPERLINK(1)", "plain"], "figure": [-1.5, 2]})).decode()
    read = pd.read_csv(io.StringIO(text), keep_default_na=False)
    assert read["note"][0] == f"'{start}HYPERLINK(1)"
    assert read["note"][1] == "plain"
    assert list(read["figure"]) == [-1.5, 2]  # a negative number stays one


def test_a_carriage_return_ends_no_row():
    assert csv_text(pd.DataFrame({"a": ["\r=1", "x\r\ny"], "b": [1, 2]})) == b'a,b\n"\'\n=1",1\n"x\ny",2\n'


def test_categories_are_guarded_too():
    levels = pd.Categorical(["@x", None], categories=["@x"])
    assert to_csv([column("level", levels), column("figure", [1, 2])]) == b"level,figure\n'@x,1\n,2\n"


def test_codes_are_the_numbers_that_levels_are_or_their_places():
    assert codes_of(["5", "4", "1"]) == (5, 4, 1)
    assert codes_of(["1", "2", "2WL", "3"]) == (1, 2, 3, 4)
    assert codes_of(["H", "UM"]) == (1, 2)


def test_a_stata_file_has_labels_of_variables_and_values():
    levels = pd.Categorical(["2WL", None, "1"], categories=["1", "2WL"], ordered=True)
    data = to_stata([column("tier", levels, "The tier"), column("score", [1.5, None, -2.0], "é" * 100)])
    reader = pd.io.stata.StataReader(io.BytesIO(data))
    with reader:
        frame = reader.read(convert_categoricals=False)
        assert reader.variable_labels() == {"tier": "The tier", "score": "é" * 80}
        assert reader.value_labels() == {"tier": {1: "1", 2: "2WL"}}
    assert frame["tier"].tolist()[::2] == [2, 1]
    assert frame["tier"].isna().tolist() == [False, True, False]
    assert frame["score"].tolist()[::2] == [1.5, -2]


def test_long_names_are_cut_for_stata_and_stay_apart():
    names = [f"{'a' * 40}_{end}" for end in "xyz"]
    frame = pd.read_stata(io.BytesIO(to_stata([column(name, [1.0]) for name in names])))
    assert list(frame.columns) == ["a" * 32, "a" * 31 + "2", "a" * 31 + "3"]


def test_a_stata_file_is_the_same_at_any_time(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert b"01 Jan 1980 00:00" in to_stata([column("x", [1.0])])
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    assert b"01 Jan 2026 00:00" in to_stata([column("x", [1.0])])


def test_a_parquet_file_has_categories_and_labels():
    import pyarrow.parquet as pq

    levels = pd.Categorical(["2WL", None], categories=["1", "2WL"], ordered=True)
    data = io.BytesIO(to_parquet([column("tier", levels, "The tier"), column("score", [1.5, None])]))
    assert pq.read_schema(data).field("tier").metadata[b"label"] == b"The tier"
    frame = pd.read_parquet(data)
    assert frame["tier"].cat.ordered
    assert list(frame["tier"].cat.categories) == ["1", "2WL"]
    assert frame["tier"].tolist()[0] == "2WL"
    assert frame["score"].isna().tolist() == [False, True]
