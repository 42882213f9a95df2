# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The template of translations is current, and the languages kept here complete."""

import re

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path
from odoo.tools.translate import TranslationModuleReader

LANGUAGES = ("fr", "de", "es")
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[srd]")
_TAG = re.compile(r"</?\w+[^>]*>")


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    def read(self, name):
        return polib.pofile(file_path(f"queue_job/i18n/{name}"))

    def test_the_template_holds_exactly_the_terms_of_the_addon(self):
        reader = TranslationModuleReader(self.env.cr, modules=["queue_job"])
        terms = {(name, source) for *_, name, source, _value, _comments in reader}
        current = {source for _name, source in terms}
        own = {source for name, source in terms if not self.is_inherited(name)}
        template = {entry.msgid for entry in self.read("queue_job.pot")}
        cure = "run script/translations"
        self.assertEqual(own - template, set(), cure)
        self.assertEqual(template - current, set(), cure)

    def is_inherited(self, name):
        """Whether the term is of a field of discussions: other modules add some."""
        field = str(name).rpartition("__")[2]
        return any(
            field in self.env[model]._fields
            for model in ("mail.thread", "mail.activity.mixin")
        )

    def test_every_term_is_translated(self):
        template = {entry.msgid for entry in self.read("queue_job.pot")}
        for language in LANGUAGES:
            with self.subTest(language=language):
                translation = self.read(f"{language}.po")
                self.assertEqual({entry.msgid for entry in translation}, template)
                self.assertEqual(translation.untranslated_entries(), [])
                self.assertEqual(translation.fuzzy_entries(), [])

    def test_translations_keep_placeholders_and_tags(self):
        for language in LANGUAGES:
            for entry in self.read(f"{language}.po"):
                with self.subTest(language=language, term=entry.msgid):
                    self.assertEqual(
                        sorted(_PLACEHOLDER.findall(entry.msgstr)),
                        sorted(_PLACEHOLDER.findall(entry.msgid)),
                    )
                    if "<i>" in entry.msgid or "</" in entry.msgid:
                        self.assertEqual(
                            _TAG.findall(entry.msgstr), _TAG.findall(entry.msgid)
                        )

    def test_a_german_administrator_reads_german(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"]._load_module_terms(["queue_job"], ["de_DE"])
        german = self.env["queue.job"].with_context(lang="de_DE")
        labels = dict(german.fields_get(["state"])["state"]["selection"])
        self.assertEqual(labels["failed"], "Fehlgeschlagen")
        arch = german.get_view(view_type="form")["arch"]
        self.assertIn("Erneut einreihen", arch)
