# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run by Odoo's shell: say where the addon is, and delay a job."""

import odoo.addons.queue_job as addon

print("ADDON", addon.__path__[0])
job = env["queue.job"].with_delay(description="from the wheel")._test_job()
print("JOB", job.uuid)
env.cr.commit()
