"""Results are read from what the tools really write."""

from tooling import results, suites

LOG = """\
2026-01-01 10:00:00,000 42 INFO db odoo.modules.loading: Module queue_job loaded
2026-01-01 10:00:01,000 42 INFO db odoo.addons.x.tests.test_a: skipped A.test_b : no
2026-01-01 10:00:02,000 42 INFO db odoo.tests.result: 0 failed, 0 error(s) of 5 tests \
when loading database 'db'
"""
WARNING = "2026-01-01 10:00:03,000 42 WARNING db odoo.models: something odd\n"


def test_odoo_counts_passed_and_skipped(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text(LOG)
    assert results.of_odoo(log, 0) == results.Result(passed=4, skipped=1)


def test_an_unexpected_warning_fails_the_suite(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text(LOG + WARNING)
    result = results.of_odoo(log, 0)
    assert (result.passed, result.failed) == (4, 1)
    assert "something odd" in result.failures[0]


def test_a_crash_without_a_failed_test_is_a_failure(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text(LOG)
    assert results.of_odoo(log, 1).failed == 1


def test_a_log_without_tests_is_a_failure(tmp_path):
    log = tmp_path / "odoo.log"
    log.write_text("")
    assert results.of_odoo(log, 0).failed == 1


def test_pytest_without_a_report_is_a_failure(tmp_path):
    assert results.of_pytest(tmp_path / "none.xml", 1).failed == 1


def test_pytest_that_selected_nothing_is_no_failure(tmp_path):
    assert results.of_pytest(tmp_path / "none.xml", 5) == results.Result()


def test_pytest_report_is_counted(tmp_path):
    report = tmp_path / "report.xml"
    report.write_text(
        '<testsuites><testsuite><testcase classname="a" name="ok"/>'
        '<testcase classname="a" name="no"><failure message="because"/></testcase>'
        '<testcase classname="a" name="later"><skipped/></testcase>'
        "</testsuite></testsuites>"
    )
    result = results.of_pytest(report, 1)
    assert (result.passed, result.failed, result.skipped) == (1, 1, 1)
    assert result.failures == ("a.no because",)


def test_harmless_warnings_are_expected():
    text = WARNING.replace("something odd", "Running as user 'root' is a security risk")
    assert results.unexpected(text) == []


def test_an_error_is_known_by_the_end_of_its_traceback():
    error = WARNING.replace("WARNING", "ERROR") + "\nTraceback:\n"
    known = error + "RuntimeError: Couldn't bind the websocket. Is the ...\n"
    other = error + "RuntimeError: no\n"
    assert results.unexpected(known) == []
    assert len(results.unexpected(known + other + known)) == 1


def test_what_faults_cost_is_told_per_kind(tmp_path):
    folder = tmp_path / "runner"
    folder.mkdir()
    notes = "killed: 1.0 s\nended: 0.5 s\nkilled: 3.0 s\n"
    (folder / "recovery.txt").write_text(notes)
    assert suites.recoveries(tmp_path) == [
        "ended: 1 x, median 0.5 s, at most 0.5 s",
        "killed: 2 x, median 2.0 s, at most 3.0 s",
    ]


def test_the_times_of_all_suites_are_kept():
    pure = results.Result(passed=1, times=(("pure", 2.0),))
    odoo = results.Result(passed=2, times=(("odoo", 3.0),))
    assert (pure + odoo).times == (("pure", 2.0), ("odoo", 3.0))
