"""The count of a run of the traps; the traps themselves are in the suite."""

from stress.traps import PARTS, judge

REPORT = """<testsuites><testsuite>
<testcase name="test_one"/><testcase name="test_two"><failure message="wrong">assert</failure></testcase>
<testcase name="test_three"><error message="no panel"/></testcase><testcase name="test_four"><skipped/></testcase>
</testsuite></testsuites>"""


def test_what_fails_is_silently_wrong_what_ends_is_lost_and_what_is_skipped_is_not_tried():
    found = judge(REPORT)
    assert (found.tried, found.survived, found.lost, found.silently_wrong) == (3, 1, 1, 1)
    assert found.notes == ("failure: test_two", "error: test_three", "skipped: test_four")


def test_every_part_has_its_file(request):
    assert all((request.config.rootpath / file).is_file() for file in PARTS.values())
