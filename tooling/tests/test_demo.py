"""The demo's verdict: only what ended as intended is right."""

import io
import subprocess
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from tooling.demo import bars, jobs, server


@pytest.fixture
def planned():
    return {"uuid": "u", "kind": "quick", "state": "done", "result": "ok"}


@pytest.fixture
def job():
    return {
        "uuid": "u",
        "state": "done",
        "result": "ok",
        "eta": None,
        "started": "2026-01-01T00:00:01",
        "done": "2026-01-01T00:00:02",
        "exception": None,
        "channel": "root.heavy",
        "attempts": 0,
    }


def test_as_intended(planned, job):
    assert jobs.verdict([planned], {"u": job}) == []


@pytest.mark.parametrize(
    ("plan", "change", "complaint"),
    [
        ({}, {"state": "failed", "exception": "boom"}, r"is failed \(boom\), not done"),
        ({}, {"result": "other"}, "result 'other', not 'ok'"),
        ({"kind": "eta"}, {"eta": "2026-01-01T00:00:09"}, "before its time"),
        ({"kind": "retry"}, {"attempts": 1}, "in vain 1 times, not twice"),
        ({"uuid": "v"}, {}, "vanished"),
    ],
)
def test_what_went_otherwise_is_told(planned, job, plan, change, complaint):
    told = jobs.verdict([{**planned, **plan}], {"u": {**job, **change}})
    assert pytest.importorskip("re").search(complaint, told[0])


def test_two_at_once_in_the_channel_of_capacity_one(job):
    other = {**job, "uuid": "w", "started": "2026-01-01T00:00:01.5"}
    assert "ran at the same time" in jobs.overlaps([job, other])[0]
    later = {**other, "started": job["done"]}
    assert jobs.overlaps([job, later]) == []


@pytest.fixture
def terminal():
    return Console(file=io.StringIO(), force_terminal=True, width=80)


def test_a_bar_says_it_in_words_too(terminal):
    terminal.print(bars.table([jobs.Channel("root.mail", 10, 5, 2, 1)]))
    assert "5/10  2 running  1 failed" in terminal.file.getvalue()


def test_bars_are_redrawn_in_place(terminal):
    shown = bars.Bars(terminal)
    waiting = jobs.Channel("root.mail", 3, 0, 0, 0)
    shown.show([jobs.Channel("root", 2, 0, 0, 0), waiting])
    shown.show([jobs.Channel("root", 2, 1, 0, 0), waiting])
    shown.close()
    cursor_up = "\x1b[1A"
    assert "1/2" in terminal.file.getvalue().partition(cursor_up)[2]


def test_elsewhere_a_line_now_and_then(capsys):
    shown = bars.Bars(Console(force_terminal=False))
    shown.show([jobs.Channel("root", 2, 2, 0, 0)], at_once=True)
    assert capsys.readouterr().out == "  root 2/2\n"


def test_the_shell_command_works_in_any_terminal(tmp_path):
    folder = tmp_path / "where Odoo is"
    folder.mkdir()
    (folder / "odoo_of_the_demo.py").write_text("import sys; print(sys.argv[1:])")
    script = tmp_path / "odoo"
    script.write_text("import odoo_of_the_demo")
    installation = SimpleNamespace(
        variables=lambda: {"PYTHONPATH": str(folder)},
        command=lambda *words: [sys.executable, script, *words],
    )
    pasted = server.shell_command(installation, tmp_path / "odoo.conf")
    bare = {"PATH": "/usr/bin:/bin"}
    said = subprocess.run(
        ["sh", "-c", pasted], capture_output=True, text=True, env=bare, check=True
    )
    assert said.stdout.startswith("['shell', '-c',")
    assert "'--no-http'" in said.stdout
