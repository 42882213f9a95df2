"""A PostgreSQL server: the user's own where ``PGHOST`` names one, else an embedded one.

The embedded server is shared by all runs of a user and listens on a socket in a
closed folder only, so no port can be taken and no other user gets in. The first run
starts it, the last one stops it.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import psycopg2

from .bootstrap import cache, processes
from .bootstrap.console import Stop, say
from .bootstrap.packages import Environment

SUPERUSER = "odoo"
# How the databases begin that end with the run that made them.
TEMPORARY = ("qj_", "demo_")
UNPRIVILEGED = "nobody"
PORT = "5432"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "max_wal_size": "1GB",
    "log_min_messages": "fatal",
}
# The name of a Unix socket may have 107 characters, of which PostgreSQL adds 15.
_LONGEST_SOCKET_FOLDER = 90


class Server(NamedTuple):
    """Where a server is and how to talk to it."""

    host: str
    port: str
    user: str
    password: str
    programs: Path

    def variables(self) -> dict[str, str]:
        """What libpq reads from the environment."""
        named = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}
        named["PGBIN"] = str(self.programs)
        if self.password:
            named["PGPASSWORD"] = self.password
        return named

    def connect(self, database: str = "postgres") -> Any:
        """A connection on which every statement is a transaction of its own.

        :raises Stop: with what the server says.
        """
        try:
            connection = psycopg2.connect(
                dbname=database,
                host=self.host,
                port=self.port,
                user=self.user,
                password=self.password or None,
                connect_timeout=10,
                application_name="queue_job tooling",
            )
        except psycopg2.Error as error:
            raise self._said(error) from error
        connection.autocommit = True
        return connection

    def query(
        self, sql: str, database: str = "postgres", values: Mapping[str, object] = {}
    ) -> list[tuple[Any, ...]]:
        """Run one statement.

        :raises Stop: with what the server says.
        """
        with contextlib.closing(self.connect(database)) as connection:
            try:
                with connection.cursor() as cr:
                    cr.execute(sql, values or None)
                    return cr.fetchall() if cr.description else []
            except psycopg2.Error as error:
                raise self._said(error) from error

    def _said(self, error: psycopg2.Error) -> Stop:
        said = str(error).strip().splitlines()[:1] or ["no answer"]
        return Stop(f"PostgreSQL at {self.host}:{self.port} says: {said[0]}")


@contextlib.contextmanager
def server(environment: Environment) -> Iterator[Server]:
    """A running server, for as long as the block lasts.

    :raises Stop: if there is none to be had.
    """
    if os.environ.get("PGHOST"):
        yield _existing(environment.postgresql)
        return
    programs = environment.postgresql
    if not (programs / "initdb").exists():
        raise Stop("there is no embedded PostgreSQL here: name a server in PGHOST")
    folder = _folder()
    with open(cache.folder() / "locks" / "postgresql-users", "a") as users:
        with cache.lock("postgresql"):
            alone = _is_alone(users)
            fcntl.flock(users, fcntl.LOCK_SH)
            found = _start(folder, programs)
            if alone:
                _clear(found)
        try:
            yield found
        finally:
            _leave(users, folder, programs)


def _existing(programs: Path) -> Server:
    user = os.environ.get("PGUSER") or os.environ.get("USER") or "odoo"
    if user == "postgres":
        raise Stop("Odoo refuses to work as the database user postgres: set PGUSER")
    found = Server(
        os.environ["PGHOST"],
        os.environ.get("PGPORT") or PORT,
        user,
        os.environ.get("PGPASSWORD", ""),
        programs,
    )
    rights = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    if found.query(rights) != [(True,)]:
        raise Stop(
            f"the database user {user} may not create databases:"
            f' ALTER ROLE "{user}" CREATEDB'
        )
    return found


def _folder() -> Path:
    """The server's own folder, which belongs to whom it runs as."""
    folder = cache.folder() / "postgresql"
    if not folder.exists():
        folder.mkdir(mode=0o700)
        if cache.is_root():
            shutil.chown(folder, UNPRIVILEGED, processes.group_of(UNPRIVILEGED))
    return folder


def _user() -> str | None:
    """PostgreSQL refuses to run as root."""
    return UNPRIVILEGED if cache.is_root() else None


def _environment() -> dict[str, str]:
    """Nothing of the user's own settings may lead the embedded server astray."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_"))}
    return {**kept, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _start(folder: Path, programs: Path) -> Server:
    data = folder / f"data-{programs.parent.name}"
    sockets = _socket_folder(folder)
    found = Server(str(sockets), PORT, SUPERUSER, "", programs)
    if _answers(found):
        return found
    log = _log(folder)
    if not (data / "PG_VERSION").exists():
        _initialise(data, programs, log)
    options = [word for k, v in SETTINGS.items() for word in ("-c", f"{k}={v}")]
    options += ["-c", f"unix_socket_directories={sockets}", "-c", f"port={PORT}"]
    if (data / "postmaster.pid").exists():
        say("  PostgreSQL was not stopped properly and recovers")
    child = subprocess.Popen(
        [programs / "postgres", "-D", data, *options],
        stdin=subprocess.DEVNULL,
        stdout=open(log, "ab"),
        stderr=subprocess.STDOUT,
        env=_environment(),
        cwd=folder,
        start_new_session=True,
        **_as_user(),
    )
    _wait_until_ready(found, child, log)
    return found


def _as_user() -> dict[str, object]:
    user = _user()
    if user is None:
        return {}
    return {"user": user, "group": processes.group_of(user), "extra_groups": []}


def _initialise(data: Path, programs: Path, log: Path) -> None:
    cache.need_space(data.parent, 1_000_000_000, "the embedded PostgreSQL")
    say("preparing an embedded PostgreSQL (once)")
    part = data.with_name(data.name + ".part")
    cache.forget(part)
    words = ["-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    processes.run(
        [programs / "initdb", "-D", part, *words],
        log,
        "making the database cluster",
        env=_environment(),
        user=_user(),
        cwd=data.parent,
    )
    part.rename(data)


def _socket_folder(folder: Path) -> Path:
    if len(str(folder)) <= _LONGEST_SOCKET_FOLDER:
        return folder
    short = Path(tempfile.gettempdir()) / f"queue-job-{cache.digest([str(folder)])}"
    short.mkdir(mode=0o700, exist_ok=True)
    if cache.is_root():
        shutil.chown(short, UNPRIVILEGED, processes.group_of(UNPRIVILEGED))
    elif short.stat().st_uid != os.geteuid():
        raise Stop(f"{short} belongs to another user: set QUEUE_JOB_CACHE")
    return short


def _log(folder: Path) -> Path:
    log = folder / "postgresql.log"
    if log.exists() and log.stat().st_size > 10_000_000:
        log.write_bytes(b"")
    log.touch()
    return log


def _answers(found: Server) -> bool:
    ready = [found.programs / "pg_isready", "-q", "-h", found.host, "-p", found.port]
    return subprocess.run(ready, check=False).returncode == 0


def _wait_until_ready(
    found: Server, child: "subprocess.Popen[bytes]", log: Path
) -> None:
    deadline = time.monotonic() + 120
    while not _answers(found):
        if child.poll() is not None or time.monotonic() > deadline:
            raise Stop(f"PostgreSQL does not start: {processes.culprit(log)} ({log})")
        time.sleep(0.05)


def _is_alone(users: IO[str]) -> bool:
    """Whether no other run uses the server; then it may be stopped, or cleared."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _clear(found: Server) -> None:
    """Drop what runs left that were killed."""
    mine = "SELECT datname FROM pg_database WHERE datname::text ^@ ANY(%(begin)s)"
    for (name,) in found.query(mine, values={"begin": list(TEMPORARY)}):
        found.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _leave(users: IO[str], folder: Path, programs: Path) -> None:
    """Stop the server unless another run uses it."""
    with cache.lock("postgresql"):
        if not _is_alone(users):
            return
        data = folder / f"data-{programs.parent.name}"
        processes.run(
            [programs / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop"],
            _log(folder),
            "stopping PostgreSQL",
            user=_user(),
            cwd=folder,
        )
