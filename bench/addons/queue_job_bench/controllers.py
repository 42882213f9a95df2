"""What the bench asks the server to do; on loopback, in throw-away databases."""

import time

from odoo import SUPERUSER_ID, http
from odoo.http import request

#: Seconds after which nothing of it runs any more. Less than the 24 days that some
#: systems can wait at a time: the existing addon's runner fails there.
_FAR = 24 * 3600


class BenchController(http.Controller):
    @http.route("/queue_job_bench/enqueue", type="http", auth="none")
    def enqueue(self, count):
        """Delay so many jobs one after the other, none to run now; answers the
        seconds of wall clock and of CPU that took, commit included."""
        jobs = request.env(user=SUPERUSER_ID)["queue.job"]
        begun, used = time.monotonic(), time.process_time()
        for _number in range(int(count)):
            jobs.with_delay(eta=_FAR)._test_job()
        return _commit(begun, used)

    @http.route("/queue_job_bench/enqueue_keyed", type="http", auth="none")
    def enqueue_keyed(self, count):
        """The same, each job with an identity key of its own."""
        jobs = request.env(user=SUPERUSER_ID)["queue.job"]
        begun, used = time.monotonic(), time.process_time()
        for number in range(int(count)):
            jobs.with_delay(eta=_FAR, identity_key=f"key {number}")._test_job()
        return _commit(begun, used)

    @http.route("/queue_job_bench/enqueue_many", type="http", auth="none")
    def enqueue_many(self, count):
        """The same in one call, where there is one for it."""
        jobs = request.env(user=SUPERUSER_ID)["queue.job"]
        if not hasattr(jobs, "delay_many"):
            return request.make_json_response(None)
        begun, used = time.monotonic(), time.process_time()
        jobs.delay_many("_test_job", [()] * int(count), eta=_FAR)
        return _commit(begun, used)

    @http.route("/queue_job_bench/one", type="http", auth="none")
    def one(self):
        """Delay a no-op job, to be copied."""
        job = request.env(user=SUPERUSER_ID)["queue.job"].with_delay(eta=_FAR)
        return request.make_json_response(job._test_job().uuid)

    @http.route("/queue_job_bench/noting", type="http", auth="none")
    def noting(self):
        """Delay a job that notes its beginning, to be copied."""
        job = request.env(user=SUPERUSER_ID)["queue.job.bench"].with_delay(eta=_FAR)
        return request.make_json_response(job.note_beginning().uuid)

    @http.route("/queue_job_bench/count_up", type="http", auth="none")
    def count_up(self):
        """Delay a job that writes a record, to be copied."""
        job = self._of_a_record()
        return request.make_json_response(job and job.count_up().uuid)

    @http.route("/queue_job_bench/count_up_together", type="http", auth="none")
    def count_up_together(self):
        """The same, of a method that takes many records at once."""
        job = self._of_a_record()
        return request.make_json_response(job and job.count_up_together().uuid)

    def _of_a_record(self):
        bench = request.env(user=SUPERUSER_ID)["queue.job.bench"]
        if not hasattr(bench, "delay_many"):  # nor has it calls of many jobs
            return None
        return bench.create({"began": 0}).with_delay(eta=_FAR)

    @http.route("/queue_job_bench/lone", type="http", auth="none")
    def lone(self):
        """Delay one job to run now; answers when it was committed, since 1970."""
        env = request.env(user=SUPERUSER_ID)
        env["queue.job.bench"].with_delay().note_beginning()
        env.flush_all()
        env.cr.commit()
        return request.make_json_response(time.time())


def _commit(begun, used):
    request.env.flush_all()
    request.env.cr.commit()
    seconds, cpu = time.monotonic() - begun, time.process_time() - used
    return request.make_json_response({"seconds": seconds, "cpu": cpu})
