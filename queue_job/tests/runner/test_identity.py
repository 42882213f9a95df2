# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Identity keys with a real server: calls pour in while the jobs run."""

import json
import threading

import psycopg2

CALLS = 60
RULE = {
    "identity_key": "k",
    "identity_until": "done",
    "identity_on_duplicate": "merge",
}


def records(*ids):
    return json.dumps(
        {
            "_type": "odoo_recordset", "model": "queue.job", "ids": ids,
            "uid": 1, "su": True, "context": {},
        }
    )  # fmt: skip


def test_merged_until_done_never_two_at_a_time_and_no_record_is_lost(servers, database):
    # Given a database that refuses a second running job of a key
    database.rows(
        "CREATE UNIQUE INDEX one_at_a_time ON queue_job (identity_key)"
        " WHERE state = 'started'"
    )
    server = servers("prefork", [database], "root:4")
    server.wait_until_ready()

    # When three sessions delay calls while the jobs of earlier ones run
    def pour(first):
        # each on a connection of its own: they do not see each other
        other = psycopg2.connect(dbname=database.name)
        try:
            for number in range(first, CALLS, 3):
                with other, other.cursor() as cr:
                    cr.execute("SET LOCAL lock_timeout = '1s'")
                    cr.execute(DELAY, {**RULE, "records": records(number)})
        finally:
            other.close()

    threads = [threading.Thread(target=pour, args=(first,)) for first in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    # Then all end, and what ran had all records, each once
    jobs = [row["uuid"] for row in database.rows("SELECT uuid FROM queue_job")]
    assert len(jobs) == CALLS
    database.wait_for_state("done", jobs)
    ran = database.rows("SELECT records FROM queue_job WHERE same_as IS NULL")
    ids = [record_id for row in ran for record_id in row["records"]["ids"]]
    assert sorted(ids) == list(range(CALLS))
    assert len(ran) < CALLS
    assert not [line for line in server.lines if "one_at_a_time" in line]
    assert server.stop() == 0


#: A copy of the prototype that takes a while.
DELAY = """
INSERT INTO queue_job (uuid, date_created, state, retry, max_retries, priority, attempt,
    user_id, company_id, channel, name, func_string, model_name, method_name,
    channel_method_name, args, kwargs, records,
    identity_key, identity_until, identity_on_duplicate)
SELECT gen_random_uuid()::text, now() AT TIME ZONE 'UTC', 'pending', 0, 5, 10, 0,
    user_id, company_id, channel, name, func_string, model_name, method_name,
    channel_method_name, args, '{"job_duration": 0.3}', %(records)s,
    %(identity_key)s, %(identity_until)s, %(identity_on_duplicate)s
FROM queue_job_prototype
"""
