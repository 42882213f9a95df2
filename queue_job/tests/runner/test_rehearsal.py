# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Work done for trial leaves nothing behind; what a job logs outlives its work."""


def test_a_dry_run_has_a_transaction_of_its_own(worker_database, work):
    @work
    def answer(told, env, look, name, delay, current_job):
        from odoo.addons.queue_job.worker.dry_run import dry_run

        def change(self):
            self.name = "changed"
            self.env.flush_all()
            current_job(self.env).progress(1, 2)
            self.env.cr.postcommit.add(lambda: told.setdefault("hook", True))
            told["seen"] = name()
            return self.name

        delayed = delay(change)
        found = dry_run(env(user=1, context={}), delayed.uuid)
        told["result"] = found.result
        told["statements"] = found.statements
        told["name"] = name()
        told["job"] = list(look("SELECT state, attempt FROM queue_job"))
        told["limit"] = look("SHOW statement_timeout")[0]

    assert answer.told.pop("statements") > 0
    assert answer.told == {
        "seen": "A",
        "result": "changed",
        "name": "A",
        "job": ["pending", 0],
        "limit": "0",
    }
    assert worker_database.rows("SELECT * FROM queue_job_progress") == []


def test_a_job_that_commits_is_not_run_for_trial(work):
    @work
    def answer(told, env, name, delay, run):
        from odoo.addons.queue_job.worker.dry_run import dry_run

        def change(self):
            self.name = "changed"
            self.env.cr.commit()

        delayed = delay(change)
        told["error"] = dry_run(env(user=1, context={}), delayed.uuid).error
        told["name"] = name()
        told["outcome"] = run(delayed)
        told["then"] = name()

    assert "cannot be run for trial" in answer.told.pop("error")
    assert answer.told == {"name": "A", "outcome": "done", "then": "changed"}


def test_the_log_of_a_failed_attempt_is_kept(worker_database, work):
    @work
    def answer(told, delay, run):
        import logging

        def talk(self):
            self.name = "half done"
            logging.getLogger("shop").warning("closed at %s", 5)
            raise ValueError("no")

        delayed = delay(talk)
        talk.keep_log = "on_failure"
        told["outcome"] = run(delayed)

    assert answer.told == {"outcome": "failed"}
    text = worker_database.value("SELECT text FROM queue_job_log")
    assert text.endswith("WARNING shop: closed at 5")
