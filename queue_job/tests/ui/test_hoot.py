# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The unit tests of the add-on's JavaScript, run by Hoot in a real browser."""

from odoo.tests import no_retry, tagged

from odoo.addons.web.tests import test_js

from .test_web_client import WithoutLackingAssets

SUITE = "@queue_job"


@tagged("post_install", "-at_install")
class TestHoot(WithoutLackingAssets):
    @no_retry
    def test_the_unit_tests_in_javascript_succeed(self):
        suite = test_js.HOOTCommon._generate_hash(self, SUITE)
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000&id={suite}",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=test_js.unit_test_error_checker,
        )
