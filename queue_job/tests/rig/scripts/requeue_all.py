# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""In a shell of Odoo: the administrator requeues everything that has failed."""

actions = env(user=env.ref("base.user_admin"), su=False)["queue.job.action"]  # noqa: F821
actions._ask_for_all("requeue", [["state", "=", "failed"]])
env.cr.commit()  # noqa: F821  # pylint: disable=invalid-commit
