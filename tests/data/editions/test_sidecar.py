import csv
import io
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from corrtip.data.editions.sidecar import csv_bytes, to_toml

# Every text but lone halves of surrogate pairs, which no UTF-8 file can hold.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), TEXT | st.integers(-(2**63), 2**63 - 1) | st.booleans())
)
def test_a_sidecar_holds_every_text(table):
    nested = {**table, "tables": {"a.b": {"x": "y"}}, "rows": [{"name": text} for text in map(str, table.values())]}
    read = tomllib.loads(to_toml(nested))
    assert read == ({name: value for name, value in nested.items() if value != []})


# A carriage return is refused by the reader of raw files, and Python's writer does not quote a lone one.
CELL = TEXT.filter(lambda text: "\r" not in text)


@given(st.lists(st.tuples(CELL, CELL)))
def test_a_raw_file_holds_every_text(rows):
    text = csv_bytes(["a", "b"], rows).decode()
    assert [tuple(row) for row in csv.reader(io.StringIO(text, newline=""))] == [("a", "b"), *rows]
