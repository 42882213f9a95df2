# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of the addon's Python a worker goes through for a job. (Within a test of
Odoo's it is less: there nobody looks after the job, and it has no connection of its
own.)"""

#: Calls of functions of the addon, for a job that does nothing; a tenth more than there
#: are. Who raises it decides that each job pays for what was added.
CEILING = 152
FEW, MORE = 10, 30


def test_a_job_costs_no_more_calls_than_was_decided(work):
    def script(delay, run, calls_to_run, told):
        def nothing(self):
            pass

        def delayed(count):
            return [delay(nothing) for _number in range(count)]

        run(*delayed(FEW))  # what is made once, or known from then on
        few, more = calls_to_run(*delayed(FEW)), calls_to_run(*delayed(MORE))
        told["calls"] = {
            name: (count - few[name]) / (MORE - FEW) for name, count in more.items()
        }

    calls = work(script).told["calls"]
    each = "\n".join(f"{n:8.2f} {name}" for name, n in sorted(calls.items()) if n)
    assert 0 < sum(calls.values()) <= CEILING, each
