"""The verdict of the long run: what grows is named, and so are documents that change."""

from stress.long_run import MAY_GROW, judge

ROUND = {"bytes": 3e8, "open files": 19.0, "threads": 8.0, "processes": 4.0, "temporary files": 0.0, "files": 400.0}
DOCUMENTS = {"report.html": "one"}


def test_a_run_that_holds_no_more_at_its_end_stands():
    warming = [{**ROUND, "bytes": 1e8 * number, "threads": 1.0} for number in range(10)]
    assert judge([*warming, *[ROUND] * 40], [DOCUMENTS, DOCUMENTS]).stood


def test_what_grows_is_named():
    for name, value in ROUND.items():
        last = {**ROUND, name: value + (2 * MAY_GROW if name == "bytes" else 1.0)}
        found = judge([*[ROUND] * 49, last], [DOCUMENTS, DOCUMENTS])
        assert not found.stood
        assert ("memory" if name == "bytes" else name) in found.notes[1]


def test_documents_that_change_are_silently_wrong():
    found = judge([ROUND] * 50, [DOCUMENTS, {"report.html": "another"}])
    assert (found.silently_wrong, found.stood) == (1, False)
