"""What the bench says of its figures."""

import json
import os

from bench import cpu, report


def test_of_several_turns_the_median_and_the_extremes_are_kept():
    turns = [{"jobs/s": 3.0}, {"jobs/s": 1.0}, {"jobs/s": 8.0, "ms": 2.0}]
    found = report.summary(turns)
    assert found["jobs/s"] == {"median": 3.0, "least": 1.0, "greatest": 8.0, "turns": 3}
    assert found["ms"]["turns"] == 1


def test_the_ratio_says_how_many_times_better_ours_is():
    assert report.ratio("jobs/s", 100.0, 10.0) == 10.0
    assert report.ratio("CPU ms/job", 2.0, 17.0) == 8.5
    assert report.ratio("ms p99", 0.0, 17.0) is None


def test_a_row_is_shown_and_kept(capsys):
    found = {"ours": [{"jobs/s": 1000.0}], "existing": [{"jobs/s": 100.0}]}
    kept = report.show("drain", "no-op jobs", found)
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.split() == [
        "jobs/s", "ours", "1000", "(1000–1000)", "existing", "100", "(100–100)",
        "×", "10.0",
    ]  # fmt: skip
    assert kept["figures"]["ours"]["jobs/s"]["median"] == 1000.0


def test_figures_are_written_with_the_machine(tmp_path, capsys):
    file = tmp_path / "bench.json"
    report.write(file, report.machine({"ours": "1"}), {"drain": {}})
    written = json.loads(file.read_text())
    assert written["rows"] == {"drain": {}}
    assert written["machine"]["ours"] == "1"
    assert written["machine"]["cores"] == os.cpu_count()


def test_the_meter_counts_what_is_used_from_now_on():
    meter = cpu.Meter([os.getpid()])
    assert meter.used == 0.0
    while cpu.seconds(os.getpid()) < meter._first[os.getpid()] + 0.03:
        sum(range(10_000))
    meter.look(())
    assert meter.used > 0.02
    assert cpu.memory(os.getpid()) > 1_000_000


def test_of_a_process_that_has_ended_nothing_is_counted():
    gone = 2**22 + 1
    meter = cpu.Meter([gone])
    meter.look([gone])
    assert meter.used == 0.0
    assert cpu.memory(gone) == 0
