"""The cache: where it is, who may change it, and how nothing half-made gets in."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from .console import Stop, complain, say

NAME = "queue-job-odoo19"
KEPT_FOLDERS = 10
CHECKOUT = Path(__file__).resolve().parents[2]
# Locks go with what is open, hence with this process.
_held: list[int] = []


def folder() -> Path:
    """The cache folder of this user; made if need be.

    :raises Stop: if it cannot be made or used.
    """
    path = _choose()
    if is_root() and not reachable(path):
        raise Stop(
            f"PostgreSQL does not run as root, and no other user can enter {path}:"
            " name another folder in QUEUE_JOB_CACHE"
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
        (path / "logs").mkdir(exist_ok=True)
        (path / "locks").mkdir(exist_ok=True)
    except OSError as error:
        raise Stop(
            f"the cache {path} cannot be made ({error.strerror}):"
            " name another folder in QUEUE_JOB_CACHE"
        ) from error
    if not os.access(path / "locks", os.W_OK):
        raise Stop(
            f"the cache {path} belongs to another user:"
            " name another folder in QUEUE_JOB_CACHE"
        )
    return path


def _choose() -> Path:
    if named := os.environ.get("QUEUE_JOB_CACHE"):
        return Path(named).expanduser().resolve()
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(home) / NAME
    # PostgreSQL refuses to run as root, and the user who runs it for root has to
    # get at its programs: a closed home folder will not do.
    if is_root() and not reachable(path):
        return Path("/var/cache") / NAME
    return path


def is_root() -> bool:
    return os.geteuid() == 0


def reachable(path: Path) -> bool:
    """Whether any user can enter the folder, as far as it exists."""
    return all(
        step.stat().st_mode & stat.S_IXOTH
        for step in [path, *path.parents]
        if step.exists()
    )


def log_file(name: str) -> Path:
    """An empty log file of that name, the earlier one replaced."""
    path = folder() / "logs" / f"{name}.log"
    path.write_bytes(b"")
    return path


@contextlib.contextmanager
def lock(name: str) -> Iterator[None]:
    """Let one run at a time in; the others wait and say so."""
    path = folder() / "locks" / name
    with open(path, "a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that is busy with: {name}")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def run_folder(kind: str) -> Path:
    """A folder for the files of this run. Of those that ended the latest are kept: the
    longest run may have been the first to begin."""
    place = folder() / kind
    place.mkdir(exist_ok=True)
    with lock(f"{kind}-folders"):
        latest_last = sorted(place.iterdir(), key=lambda path: path.stat().st_mtime)
        ended = [path for path in latest_last if not in_use(path)]
        for old in ended[:-KEPT_FOLDERS]:
            shutil.rmtree(old, ignore_errors=True)
        stamp = time.strftime("%Y%m%d-%H%M%S-")
        mine = Path(tempfile.mkdtemp(prefix=stamp, dir=place))
        hold(mine)
    return mine


def hold(path: Path) -> bool:
    """Lock a file or folder until this process ends; False if another one has it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return False
    _held.append(handle)
    return True


def in_use(path: Path) -> bool:
    """Whether the process that holds a file or folder still lives."""
    if not hold(path):
        return True
    os.close(_held.pop())
    return False


@contextlib.contextmanager
def build(target: Path) -> Iterator[Path]:
    """Give a folder to fill; it replaces ``target`` only when all went well."""
    for leftover in target.parent.glob(f".{target.name}.part-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    part = Path(tempfile.mkdtemp(prefix=f".{target.name}.part-", dir=target.parent))
    part.chmod(0o755)
    try:
        yield part
        shutil.rmtree(target, ignore_errors=True)
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def need_space(where: Path, amount: int, what: str) -> None:
    """Refuse to begin what would fill the disk. ``amount`` in bytes.

    :raises Stop: if there is less.
    """
    free = shutil.disk_usage(where).free
    if free < amount:
        raise Stop(
            f"{what} needs {amount / 1e9:.1f} GB, {where} has {free / 1e9:.1f} GB free:"
            " make room or name another folder in QUEUE_JOB_CACHE"
        )


def digest(parts: Iterable[str | bytes]) -> str:
    """A short name for what the parts say."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        sha.update(len(data).to_bytes(8, "big") + data)
    return sha.hexdigest()[:10]


def digest_of_tree(*roots: Path) -> str:
    """A short name for the content of some folders; compiled files do not count."""
    parts: list[str | bytes] = []
    for root in roots:
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                parts += [str(path.relative_to(root)), path.read_bytes()]
    return digest(parts)


def forget(path: Path) -> None:
    """Remove something from the cache, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
    if path.exists():
        complain(f"could not remove {path}")
