"""How the runner is set up, resolved when it starts and not before."""

from dataclasses import dataclass, field

from ..config import SettingError, setting

#: Odoo listens there when told nothing; nobody can connect *to* it.
_ANYWHERE = frozenset({"", "0.0.0.0", "::", "[::]", "*"})
_DB_KEYS = ("host", "port", "user", "password")


@dataclass(frozen=True)
class RunnerConfig:
    """Where Odoo answers, and what may run.

    :param channels: the capacity string, e.g. ``root:4,root.heavy:1``
    :param scheme: ``http`` or ``https``
    :param host: host name or address of Odoo or of the proxy before it
    :param port: its port
    :param user: name for HTTP basic authentication, for a proxy that wants it
    :param password: the password to it
    """

    channels: str = "root:1"
    scheme: str = "http"
    host: str = "localhost"
    port: int = 8069
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def from_environ_or_config(cls) -> "RunnerConfig":
        """Resolve from the environment, ``[queue_job]`` and Odoo's own options.

        :raise SettingError: naming the setting and the word that cannot be used
        """
        database_overrides()  # better told now than at the first connection
        return cls(
            channels=setting("channels") or "root:1",
            scheme=_scheme(),
            host=setting("host") or _odoo_host(),
            port=_port(),
            user=setting("http_auth_user"),
            password=setting("http_auth_password"),
        )


def database_overrides() -> dict[str, str]:
    """Connection parameters for the runner that differ from Odoo's.

    A connection pooler between Odoo and PostgreSQL does not carry LISTEN and
    session locks; the runner has to go past it.
    """
    found = {key: setting(f"jobrunner_db_{key}") for key in _DB_KEYS}
    if found["port"]:
        _number("jobrunner_db_port", found["port"])
    return {key: value for key, value in found.items() if value}


def _scheme() -> str:
    scheme = (setting("scheme") or "http").strip().lower()
    if scheme not in ("http", "https"):
        raise SettingError(f"setting scheme: {scheme!r} is neither http nor https")
    return scheme


def _odoo_host() -> str:
    from odoo.tools import config  # noqa: PLC0415  # options are parsed by now

    interface = (config["http_interface"] or "").strip()
    return "localhost" if interface in _ANYWHERE else interface


def _port() -> int:
    from odoo.tools import config  # noqa: PLC0415

    word = setting("port")
    if word:
        return _number("port", word)
    return int(config["http_port"] or 8069)


def _number(key: str, word: str) -> int:
    try:
        port = int(word)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise SettingError(f"setting {key}: {word!r} is not a port number")
    return port
