from stress.campaign import Result, table, total


def test_a_campaign_stands_only_if_all_that_was_tried_survived():
    assert Result(tried=3, survived=3).stood
    assert not Result(tried=0, survived=0).stood
    assert not Result(tried=3, survived=2).stood
    assert not Result(tried=3, survived=3, lost=1).stood
    assert not Result(tried=3, survived=3, silently_wrong=1).stood


def test_the_table_has_a_line_for_each_part_and_its_notes_below():
    parts = {"cpi": Result(tried=2_000, survived=2_000), "tip": Result(tried=3, survived=2, lost=1, notes=("a hang",))}
    lines = table({"fuzz": total(parts)}).splitlines()
    assert [line.split() for line in lines] == [
        ["campaign", "tried", "survived", "lost", "silently", "wrong"],
        ["fuzz", "2,003", "2,002", "1", "0"],
        ["cpi", "2,000", "2,000", "0", "0"],
        ["tip", "3", "2", "1", "0"],
        [],
        ["fuzz:", "tip:", "a", "hang"],
    ]
    assert len({len(line) for line in lines[:4]}) == 1
