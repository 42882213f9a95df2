"""How pytest walks this repository."""

from pathlib import Path

import pytest


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector:
    """Take folders with an ``__init__`` for plain folders.

    An addon's ``__init__`` imports Odoo models, which only a running Odoo can do.
    """
    return pytest.Dir.from_parent(parent, path=path)
