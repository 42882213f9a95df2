# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How the runner is set up, resolved when it starts and not before."""

from dataclasses import dataclass, field

from ..config import (
    SettingError,
    database_overrides,
    port_number,
    setting,
    users_first,
)

#: Odoo listens there when told nothing; no client can connect *to* it.
_ANYWHERE = frozenset({"", "0.0.0.0", "::", "[::]", "*"})


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
        users_first()  # ... or at the first reading
        return cls(
            channels=setting("channels") or "root:1",
            scheme=_scheme(),
            host=setting("host") or _odoo_host(),
            port=_port(),
            user=setting("http_auth_user"),
            password=setting("http_auth_password"),
        )


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
        return port_number("port", word)
    return int(config["http_port"] or 8069)
