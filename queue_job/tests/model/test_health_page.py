# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The page *Health*: what managers are shown, and that nobody else is."""

from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from odoo.addons.queue_job.core.health import Facts, judge
from odoo.addons.queue_job.store import health

from .case import JobCase


@tagged("post_install", "-at_install")
class TestHealthPage(JobCase):
    def examine(self, user, facts):
        with patch.object(health, "read", return_value=facts):
            action = self.env["queue.job.health"].with_user(user).action_examine()
        return self.env[action["res_model"]].with_user(user).browse(action["res_id"])

    def test_managers_see_what_is_wrong_and_the_cure_the_worst_first(self):
        page = self.examine(self.manager, Facts(oldest_due=1000.0))
        first, *others = page.finding_ids
        self.assertEqual(first.severity, "critical")
        self.assertIn("No runner serves", first.words)
        self.assertIn("server_wide_modules", first.cure)
        self.assertIn("1000 s", "".join(finding.words for finding in others))
        self.assertFalse(page.is_well)

    def test_a_queue_that_is_well(self):
        page = self.examine(self.manager, Facts(leader_age=1.0))
        bad = page.finding_ids.filtered(lambda finding: finding.severity != "note")
        self.assertEqual(page.is_well, not bad)
        self.assertNotIn("No runner", "".join(page.finding_ids.mapped("words")))

    def test_others_are_refused(self):
        with self.assertRaises(AccessError):
            self.examine(self.user, Facts())
        for model in ("queue.job.health", "queue.job.health.finding"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search([])

    def test_nobody_writes_findings(self):
        page = self.examine(self.manager, Facts())
        with self.assertRaises(AccessError):
            page.finding_ids.write({"words": "All is well."})
        with self.assertRaises(AccessError):
            self.env["queue.job.health"].with_user(self.manager).create({})

    def test_findings_are_told_in_the_language_of_the_user(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        [finding] = judge(Facts(leader_age=1.0, oldest_due=1000.0))
        texts = {finding.template: "Attend depuis %(seconds)d s."}
        doctor = self.env["queue.job.doctor"].with_context(lang="fr_FR")
        known = {("queue_job", "fr_FR"): texts}
        with patch.dict(code_translations.python_translations, known):
            words, cure = doctor._in_words(finding)
        self.assertEqual(words, "Attend depuis 1000 s.")
        self.assertEqual(cure, finding.cure)  # of which there is no translation
