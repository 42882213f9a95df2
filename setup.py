"""Build the wheel ``odoo-addon-queue-job``: ``pip wheel --no-deps .``

It installs as ``odoo/addons/queue_job``, a part of the namespace that Odoo itself
reads its addons from, so that no addons path needs to name it.
"""

import ast
from pathlib import Path

from setuptools import setup

HERE = Path(__file__).resolve().parent
ADDON = HERE / "queue_job"
PACKAGE = "odoo.addons.queue_job"
README = ADDON / "README.rst"
MANIFEST = ast.literal_eval((ADDON / "__manifest__.py").read_text(encoding="utf-8"))


def packages():
    """The addon and its sub-packages: folders with an ``__init__``.

    Folders of tests that have none are suites of the repository.
    """
    for init in sorted(ADDON.rglob("__init__.py")):
        levels = init.parent.relative_to(ADDON).parts
        yield ".".join((PACKAGE, *levels))


def data_files():
    """Everything else Odoo reads: views, SQL, static files, translations…"""
    for path in sorted(ADDON.rglob("*")):
        inside = path.relative_to(ADDON)
        if path.is_file() and not is_left_out(path, inside):
            yield inside.as_posix()


def is_left_out(path, inside):
    is_module = path.suffix == ".py" and (path.parent / "__init__.py").exists()
    is_made = path.suffix == ".pyc"
    return is_module or is_made or inside.parts[0] == "tests"


setup(
    name="odoo-addon-queue-job",
    version=MANIFEST["version"],
    description=MANIFEST["summary"],
    long_description=README.read_text(encoding="utf-8"),
    long_description_content_type="text/x-rst",
    author=MANIFEST["author"],
    license=MANIFEST["license"],
    license_files=["LICENSE"],
    classifiers=[
        "Framework :: Odoo",
        "Framework :: Odoo :: 19.0",
        "Programming Language :: Python :: 3",
    ],
    python_requires=">=3.10",
    # Odoo is not named: it is rarely installed where pip would find it.
    install_requires=MANIFEST["external_dependencies"]["python"],
    packages=list(packages()),
    package_dir={PACKAGE: "queue_job"},
    package_data={PACKAGE: list(data_files())},
    include_package_data=False,
    zip_safe=False,
)
