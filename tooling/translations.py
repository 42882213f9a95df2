"""``script/translations``: the template of terms anew, and every language in step."""

from pathlib import Path

import polib

from . import databases, setup
from .bootstrap import cache, parsers
from .bootstrap.console import complain, say
from .odoo_server import Installation, run_odoo

ADDON = "queue_job"
#: Fields that modules of Odoo's give the addon's models, where they are installed.
_OF_OTHERS = ("__message_has_sms_error",)


def main(words: list[str]) -> int:
    parsers.parse("translations", words)
    folder = cache.CHECKOUT / ADDON / "i18n"
    template = folder / f"{ADDON}.pot"
    with setup.installation() as installation:
        _export(installation, template)
    _leave_out(template)
    missing = {path.stem: _follow(path, template) for path in folder.glob("*.po")}
    for language, terms in sorted(missing.items()):
        for term in terms:
            complain(f"{language}: not translated: {term}")
    say(f"{template.name}: {len(polib.pofile(template))} terms")
    return 1 if any(missing.values()) else 0


def _export(installation: Installation, template: Path) -> None:
    """Let Odoo write the template, from a database with the addon as it is now."""
    database = f"{databases.prefix()}terms"
    log = cache.log_file("translations")
    databases.create(installation.server, database, databases.template(installation))
    try:
        install = ["-i", ADDON, "--stop-after-init", "--no-http"]
        run_odoo(installation, database, install, log, "installing the addon")
        words = ["-l", "pot", "-o", template, ADDON]
        run_odoo(
            installation, database, words, log, "exporting", subcommand="i18n export"
        )
    finally:
        databases.drop(installation.server, database)


def _leave_out(template: Path) -> None:
    """Take out the terms that are not the addon's own."""
    terms = polib.pofile(template, wrapwidth=78)
    for entry in list(terms):
        if all(name.endswith(_OF_OTHERS) for name, _line in entry.occurrences):
            terms.remove(entry)
    terms.save()


def _follow(path: Path, template: Path) -> list[str]:
    """Bring a language in step; what it does not say yet."""
    terms = polib.pofile(path, wrapwidth=78)
    terms.merge(polib.pofile(template))
    for gone in terms.obsolete_entries():
        terms.remove(gone)
    terms.save()
    return [
        entry.msgid for entry in [*terms.untranslated_entries(), *terms.fuzzy_entries()]
    ]
