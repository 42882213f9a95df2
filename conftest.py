"""How pytest walks this repository, and what the suites share."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

# Everything that more than one file of tests needs, in any suite: ``from rig.databases
# import Databases``. Its folder has no ``__init__``: no wheel is to hold it.
rig = ModuleType("rig")
rig.__path__ = [str(Path(__file__).parent / "queue_job" / "tests" / "rig")]
sys.modules.setdefault("rig", rig)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector:
    """Take folders with an ``__init__`` for plain folders.

    An addon's ``__init__`` imports Odoo models, which only a running Odoo can do.
    """
    return pytest.Dir.from_parent(parent, path=path)
