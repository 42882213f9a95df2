"""Every test works in a cache of its own."""

import stat

import pytest


def _reachable(path, within):
    """Like the real one, from the test's own folder downwards."""
    steps = [step for step in (path, *path.parents) if step.is_relative_to(within)]
    return all(s.stat().st_mode & stat.S_IXOTH for s in steps[:-1] if s.exists())


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    place = tmp_path / "cache"
    monkeypatch.setenv("QUEUE_JOB_CACHE", str(place))
    # Pytest closes its folders, and one that no other user can enter is refused.
    monkeypatch.setattr(
        "tooling.bootstrap.cache.reachable", lambda path: _reachable(path, tmp_path)
    )
    for name in ("ODOO_PATH", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return place
