"""Add-ons of others, unchanged and as they are published, beside ours: their own tests
tell whether what was written for the queue elsewhere still works."""

from pathlib import Path

from . import suites
from .bootstrap import cache, packages
from .bootstrap.console import say
from .odoo_server import Installation
from .results import Result
from .suites import Round

REQUIREMENTS = packages.REQUIREMENTS / "clients"
FILES = (REQUIREMENTS / "addons.txt", REQUIREMENTS / "python.txt")
#: The add-ons whose tests are run.
ADDONS = (
    "queue_job_subscribe", "component", "component_event", "connector",
    "connector_importer", "edi_queue_oca", "report_async",
    "sale_automatic_workflow_job",
)  # fmt: skip
#: Tests that cannot be taken for a verdict on the queue, and why.
EXCEPT = {
    # expects ten o'clock in the evening of today also when that is over
    "/edi_queue_oca:EDIRecordTestCase.test_with_delay_job_eta_applied",
}


def suite(this: Round, installation: Installation, template: str) -> Result:
    """Install the add-ons and run their tests on a fresh database."""
    folder = install(this.environment)
    addons_path = f"{installation.addons_path()},{folder}/addons/odoo/addons"
    tags = [*(f"/{name}" for name in ADDONS), *(f"-{tag}" for tag in sorted(EXCEPT))]
    return suites.odoo_tests(
        this,
        installation,
        template,
        suites.OdooTests(
            name="clients",
            addons=ADDONS,
            tags=",".join(tags),
            options={
                "addons_path": addons_path,
                # what they call that Odoo will drop is their matter
                "log_handler": ":INFO,py.warnings:ERROR",
            },
            python_path=str(folder / "python"),
        ),
    )


def install(environment: packages.Environment) -> Path:
    """The folder with the add-ons, and with what they import; kept in the cache."""
    target = cache.folder() / f"clients-{cache.digest(f.read_bytes() for f in FILES)}"
    with cache.lock("clients"):
        if not target.exists():
            say("fetching add-ons of others (once; they are kept in the cache)")
            log = cache.log_file("clients")
            with cache.build(target) as part:
                for file in FILES:
                    place = part / file.stem
                    packages.install_into(environment, place, file, log)
    return target
