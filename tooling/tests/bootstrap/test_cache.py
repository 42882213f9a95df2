"""Nothing half-made gets into the cache, and runs at the same time take turns."""

import multiprocessing
import os
import shutil

import pytest

from tooling.bootstrap import cache
from tooling.bootstrap.console import Stop


def test_what_was_built_is_there(tmp_path):
    target = tmp_path / "thing"
    with cache.build(target) as part:
        (part / "file").write_text("x")
        assert not target.exists()
    assert (target / "file").read_text() == "x"


def test_a_failed_build_leaves_nothing(tmp_path):
    target = tmp_path / "thing"
    with pytest.raises(KeyboardInterrupt), cache.build(target) as part:
        (part / "half").write_text("x")
        raise KeyboardInterrupt
    assert list(tmp_path.glob("*thing*")) == []


def test_a_failed_build_keeps_what_was_there(tmp_path):
    target = tmp_path / "thing"
    target.mkdir()
    (target / "old").write_text("good")
    with pytest.raises(RuntimeError), cache.build(target):
        raise RuntimeError
    assert (target / "old").read_text() == "good"


def test_what_a_killed_run_left_is_cleared(tmp_path):
    leftover = tmp_path / ".thing.part-abc"
    leftover.mkdir()
    with cache.build(tmp_path / "thing"):
        pass
    assert not leftover.exists()


def test_the_lock_lets_one_in_at_a_time(tmp_path):
    context = multiprocessing.get_context("fork")
    log = tmp_path / "log"
    workers = [context.Process(target=_note, args=(log, n)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    lines = log.read_text().split()
    assert len(lines) == 8
    assert all(lines[i] == lines[i + 1] for i in range(0, 8, 2))


def _note(log, number):
    for_both = f"{number}\n"
    with cache.lock("test"):
        for _moment in ("in", "out"):
            with open(log, "a") as handle:
                handle.write(for_both)


def test_no_room_is_said_before_anything_begins(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _where: usage)
    with pytest.raises(Stop, match=r"Odoo needs 3.5 GB, .* has 0.0 GB free"):
        cache.need_space(tmp_path, 3_500_000_000, "Odoo")


def test_a_cache_that_cannot_be_made_names_the_cure(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("QUEUE_JOB_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(Stop, match="QUEUE_JOB_CACHE"):
        cache.folder()


def test_root_with_a_closed_home_goes_elsewhere(tmp_path, monkeypatch):
    closed = tmp_path / "home"
    closed.mkdir(mode=0o700)
    monkeypatch.delenv("QUEUE_JOB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(closed))
    monkeypatch.setattr(cache, "is_root", lambda: True)
    assert str(cache._choose()) == "/var/cache/queue-job-odoo19"
    monkeypatch.setattr(cache, "is_root", lambda: False)
    assert cache._choose() == closed / cache.NAME


def test_the_digest_of_a_tree_follows_its_content(tmp_path):
    (tmp_path / "a").write_text("1")
    first = cache.digest_of_tree(tmp_path)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "a.pyc").write_text("compiled")
    assert cache.digest_of_tree(tmp_path) == first
    (tmp_path / "a").write_text("2")
    assert cache.digest_of_tree(tmp_path) != first


def test_the_folder_of_a_running_run_is_kept(monkeypatch):
    monkeypatch.setattr(cache, "KEPT_FOLDERS", 1)
    mine = cache.run_folder("tests")
    ended = [mine.parent / f"0-ended-{number}" for number in range(3)]
    for path, changed in zip(ended, (10, 30, 20), strict=True):
        path.mkdir()
        os.utime(path, (changed, changed))
    latest = cache.run_folder("tests")
    assert mine.exists() and latest.exists()
    # the one that went on for longest, whenever it began
    assert [path.exists() for path in ended] == [False, True, False]
