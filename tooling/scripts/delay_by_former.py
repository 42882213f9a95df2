"""Run by Odoo's shell: jobs in every state, looked for by
``queue_job/tests/model/test_former.py``."""

from datetime import date, datetime

from odoo.addons.queue_job.delay import chain
from odoo.addons.queue_job.job import Job, identity_exact

partner = env["res.partner"].create({"name": "Former"})
user = env["res.users"].create({"name": "Former user", "login": "former"})
root = env.ref("queue_job.channel_root")
channel = env["queue.job.channel"].create({"name": "former", "parent_id": root.id})
model = env.ref("base.model_res_partner")
for pattern in ("{1: 7, 3: (10, 20)}", False):  # nothing kept it from being there twice
    env["queue.job.function"].create(
        {
            "model_id": model.id,
            "method": "write",
            "channel_id": channel.id,
            "edit_retry_pattern": pattern,
            "on_fail_method": "exists",
        }
    )


def delay(name, values={"comment": "written"}, records=partner, **options):
    return records.with_delay(description=name, **options).write(values)


delay("plain", max_retries=3)
delay("of a user", {"signature": "by himself"}, user.with_user(user))
delay("in a language", records=partner.with_context(lang="en_US", other=1))
delay("keyed", {"comment": "keyed"}, identity_key=identity_exact)
values = {"day": date(2020, 1, 2), "all": [partner, user]}
delay("later", values, eta=datetime(2040, 1, 1))
links = [partner.delayable(description=name).write({"ref": name}) for name in "ab"]
chain(*links).delay()
delay("cancelled").db_record().button_cancelled()
for name in ("done", "failed", "started"):
    job = Job.load(env, delay(name).uuid)
    getattr(job, f"set_{name}")()
    job.store()
env.cr.commit()
