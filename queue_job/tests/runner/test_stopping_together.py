# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One of several jobs that run as one call is stopped."""

import pytest
from rig.addons import make_trouble

from odoo.addons.queue_job.store import stopping

METHOD = "_loop_together"
RESULT = "Stopped by a test"
OWN_RECORD = (
    "UPDATE queue_job SET records ="
    " jsonb_set(records::jsonb, '{ids}', jsonb_build_array(id))::json"
    " WHERE uuid = ANY(%s)"
)
ENDS = ("bad query", "exception in GET", "Re-queued dead job")


@pytest.fixture
def looping(servers, database, tmp_path):
    """Starts a server; returns, in their order, jobs that run in it as one call, which
    does not come to its end."""
    database.rows(
        "INSERT INTO queue_job_function"
        " (name, model_id, method, channel_id, channel, chunk_size)"
        " SELECT format('<queue.job>.%%s', %s), model.id, %s, channel.id, 'root', 10"
        " FROM ir_model model, queue_job_channel channel"
        " WHERE model.model = 'queue.job' AND channel.complete_name = 'root'",
        METHOD, METHOD,
    )  # fmt: skip
    server_wide = make_trouble(tmp_path, "stuck")

    def delay(number, **kwargs):
        database.rows("BEGIN")
        uuids = database.delay(_count=number, method_name=METHOD, _kwargs=kwargs)
        database.rows(OWN_RECORD, uuids)
        database.rows("COMMIT")
        return uuids

    def start(kind):
        server = servers(
            kind, [database], "root:1", server_wide=server_wide,
            section={"stop_after": "1,2,4"},
        )  # fmt: skip
        server.wait_until_ready()
        # the runner learns that they are short
        database.wait_for_state("done", delay(100, is_endless=False))
        uuids = delay(3, is_endless=True)
        database.wait_for_state("started", uuids)
        return server, uuids

    return start


def ask(database, uuid):
    """What the button does."""
    job_id = database.value("SELECT id FROM queue_job WHERE uuid = %s", uuid)
    with database.connection.cursor() as cr:
        assert stopping.ask(cr, [job_id], 1, None, RESULT)


@pytest.mark.faults
@pytest.mark.expects(*ENDS)
@pytest.mark.parametrize("kind", ["prefork", "threaded"])
@pytest.mark.parametrize("asked", [0, 2], ids=["the first", "the last"])
def test_a_stop_of_one_ends_the_call_and_the_others_run_alone(
    looping, database, kind, asked
):
    _server, uuids = looping(kind)
    ask(database, uuids[asked])
    [stopped] = [uuids.pop(asked)]
    database.wait_for_state("cancelled", [stopped])
    database.wait_for_state("done", uuids)
    query = "SELECT result, retry, attempt FROM queue_job WHERE uuid = %s"
    [job] = database.rows(query, stopped)
    assert (job["result"], job["attempt"]) == (RESULT, 1)
    others = database.rows(
        "SELECT result, retry, attempt FROM queue_job WHERE uuid = ANY(%s)", uuids
    )
    assert {tuple(row.values()) for row in others} == {("alone", 1, 1)}
    database.wait_for("SELECT count(*) FROM queue_job_stop", expected=0)
