# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Run by Odoo's shell: keep a row of a job that Odoo itself stored, in a table of its
own; tests insert copies of it."""

env["queue.job"].with_delay(description="prototype")._test_job()
env.flush_all()
env.cr.execute("CREATE TABLE queue_job_prototype AS SELECT * FROM queue_job")
env.cr.execute("DELETE FROM queue_job")
env.cr.execute("ALTER TABLE queue_job_prototype DROP COLUMN id")
env.cr.commit()
