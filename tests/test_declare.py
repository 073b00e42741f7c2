from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrtip.declare import declared, read_toml
from corrtip.errors import DeclarationError


@dataclass(frozen=True, kw_only=True)
class Inner:
    name: str
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Outer:
    title: str
    size: float = 1.0
    open: bool = False
    kind: Literal["a", "b"] = "a"
    note: str | None = None
    years: tuple[int, int] = (2005, 2005)
    names: tuple[str, ...] = ()
    inner: Inner | None = None
    parts: tuple[Inner, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    printed: str | int = ""


def test_tables_become_nested_dataclasses():
    table = {
        "title": "T",
        "size": 2,
        "open": True,
        "kind": "b",
        "note": "n",
        "years": [2001, 2005],
        "names": ["x", "y"],
        "inner": {"name": "i"},
        "parts": [{"name": "p", "count": 3}],
        "labels": {"region": ["Africa"]},
        "printed": 7,
    }
    assert declared(Outer, table, "f.toml") == Outer(
        title="T",
        size=2.0,
        open=True,
        kind="b",
        note="n",
        years=(2001, 2005),
        names=("x", "y"),
        inner=Inner(name="i"),
        parts=(Inner(name="p", count=3),),
        labels={"region": ("Africa",)},
        printed=7,
    )


def test_whole_numbers_become_floats_where_floats_are_declared():
    assert type(declared(Outer, {"title": "T", "size": 2}, "f").size) is float


@pytest.mark.parametrize(
    ("change", "where", "expected"),
    [
        ({"title": 3}, "f.toml, title", "text"),
        ({"size": "2"}, "f.toml, size", "a finite number"),
        ({"size": float("nan")}, "f.toml, size", "a finite number"),
        ({"size": float("inf")}, "f.toml, size", "a finite number"),
        ({"size": True}, "f.toml, size", "a finite number"),
        ({"size": 10**400}, "f.toml, size", "a finite number"),
        ({"size": 2**53 + 1}, "f.toml, size", "a finite number"),
        ({"open": 1}, "f.toml, open", "true or false"),
        ({"kind": "c"}, "f.toml, kind", "one of 'a', 'b'"),
        ({"years": [2005]}, "f.toml, years", "2 items"),
        ({"years": [2005, True]}, "f.toml, years[1]", "a whole number"),
        ({"names": "xy"}, "f.toml, names", "tuple[str, ...]"),
        ({"names": ["x", 1]}, "f.toml, names[1]", "text"),
        ({"inner": {"name": "i", "count": 1.5}}, "f.toml, inner, count", "a whole number"),
        ({"inner": 3}, "f.toml, inner", "a table of keys"),
        ({"parts": [{"name": "p"}, {}]}, "f.toml, parts[1]", "text"),
        ({"labels": {"region": "Africa"}}, "f.toml, labels.region", "tuple[str, ...]"),
        ({"labels": ["Africa"]}, "f.toml, labels", "Mapping[str, tuple[str, ...]]"),
        ({"printed": 1.5}, "f.toml, printed", "a whole number"),
    ],
)
def test_a_wrong_value_is_refused_at_its_place(change, where, expected):
    with pytest.raises(DeclarationError) as caught:
        declared(Outer, {"title": "T", **change}, "f.toml")
    assert caught.value.where == where
    assert caught.value.expected == expected


def test_an_unknown_key_is_refused_with_the_nearest():
    with pytest.raises(DeclarationError, match=r'unknown key "titel".*Nearest: \'title\'') as caught:
        declared(Outer, {"titel": "T"}, "f.toml")
    assert "one of title, size, open" in caught.value.expected


def test_a_missing_key_is_named():
    with pytest.raises(DeclarationError, match=r'^f\.toml: key "title" is missing\. Expected text\. Add it\.$'):
        declared(Outer, {}, "f.toml")


@pytest.mark.parametrize("table", [None, [], "text", 3])
def test_what_is_no_table_is_refused(table):
    with pytest.raises(DeclarationError, match="is not a table"):
        declared(Outer, table, "f.toml")


WORDS = st.text(alphabet="ab.[\0ä", max_size=3)
JSON_LIKE: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(["title", "size", "open", "kind", "years", "names", "inner", "parts", "labels", "z"]), JSON_LIKE
    )
)
def test_any_table_is_declared_or_refused_and_nothing_else(table):
    refusal = None
    try:
        outer = declared(Outer, table, "f.toml")
    except DeclarationError as error:
        refusal = error
    if refusal is not None:
        assert refusal.where.startswith("f.toml")
        return
    assert isinstance(outer.title, str)
    assert isinstance(outer.size, float)
    assert all(isinstance(name, str) for name in outer.names)


def test_read_toml_gives_the_tables(tmp_path):
    path = tmp_path / "f.toml"
    path.write_text('title = "Côte d\'Ivoire"\n[inner]\nname = "i"\n', encoding="utf-8")
    assert read_toml(path, "f.toml") == {"title": "Côte d'Ivoire", "inner": {"name": "i"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'title = "C\xf4te"', "byte 10 is not UTF-8"),
        (b"title = ", "not TOML"),
        (b"title = 1\ntitle = 2", "not TOML"),
        (b"a = " + b"[" * 100_000, "not TOML"),
        (b"a = 1\n" + b"b." * 20_000 + b"b = 1", "line 2 has a key of 20 parts"),
        (b"a = " + b"[" * 30 + b"]" * 30, "more than 20 tables or lists"),
        (b"a = " + b"9" * 5_000, "not TOML"),
        (b"a = 0x" + b"f" * 5_000, "a whole number of more than 64 bits"),
        (b"a = [{b = 9223372036854775808}]", "a whole number of more than 64 bits"),
    ],
)
def test_read_toml_refuses_what_is_no_declaration(tmp_path, content, message):
    path = tmp_path / "f.toml"
    path.write_bytes(content)
    with pytest.raises(DeclarationError, match=message) as caught:
        read_toml(path, "studies/f.toml")
    assert caught.value.where == "studies/f.toml"


def test_read_toml_accepts_a_sentence_of_many_dots_and_the_largest_number(tmp_path):
    path = tmp_path / "f.toml"
    path.write_text(
        'a = "1. 2. 3. A word. Another one; and so on ....................... e.g. i.e."\nb = 9223372036854775807'
    )
    assert read_toml(path, "f.toml")["b"] == 2**63 - 1


def test_read_toml_says_that_a_folder_is_no_file(tmp_path):
    with pytest.raises(DeclarationError, match="not read: Is a directory"):
        read_toml(tmp_path, "studies/f.toml")


def test_an_error_quotes_the_beginning_of_what_has_no_end():
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, "x" * 100_000):
        with pytest.raises(DeclarationError) as caught:
            declared(Outer, {"title": "T", "open": value}, "f.toml")
        assert len(str(caught.value)) < 500


def test_read_toml_says_that_a_file_is_missing(tmp_path):
    with pytest.raises(DeclarationError, match="the file does not exist"):
        read_toml(tmp_path / "none.toml", "studies/none.toml")
