# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Jobs of all kinds, in an order drawn by lot."""

import json
import uuid

#: Share of each kind, and what its rows say beyond an ordinary test job.
KINDS = {
    "quick": (54, {}),
    "slow": (10, {"_kwargs": {"job_duration": 0.4}}),
    "failing": (8, {"_kwargs": {"failure_rate": 1}}),
    "retrying": (
        8,
        {"_kwargs": {"failure_rate": 0.5, "failure_retry_seconds": 1}},
    ),
    "half-way": (8, {"_kwargs": {"job_duration": 0.1, "commit_within_job": True}}),
    "conflicting": (6, {"model_name": "res.partner", "method_name": "write"}),
    "leading": (2, {}),
    "following": (4, {"state": "wait_dependencies"}),
}
#: How each kind ends, where that is not ``done``.
ENDS = {"failing": "failed"}
_LINK = """
    INSERT INTO queue_job_dependency (parent_id, child_id, if_failed)
    SELECT parent.id, child.id, 'wait' FROM queue_job parent, queue_job child
    WHERE parent.uuid = %s AND child.uuid = %s
"""


def delay_mixed(database, dice, count, kinds=KINDS):
    """Delay so many jobs; returns the uuids by kind. Each has one as its description.

    A following job waits for the latest leading one.
    """
    [partners] = database.rows("SELECT array_agg(id) AS ids FROM res_partner")
    made = {kind: [] for kind in kinds}
    weights = [share for share, _columns in kinds.values()]
    graph, first = str(uuid.uuid4()), next(k for k in ("leading", *kinds) if k in kinds)
    for kind in [first, *dice.choices(list(kinds), weights, k=count - 1)]:
        columns = dict(kinds[kind][1], max_retries=0, name=kind)
        if kind == "conflicting":
            columns["records"] = _partner(dice.choice(partners["ids"]))
            columns["args"] = json.dumps([{"comment": f"<p>{count}</p>"}])
        if kind in ("leading", "following"):
            columns["graph_uuid"] = graph
        made[kind] += database.delay(**columns)
        if kind == "following":
            database.rows(_LINK, made["leading"][-1], made[kind][-1])
    return made


def check_ends(database, made, ends):
    """Each job ended as its kind has to.

    :param made: what ``delay_mixed`` returned
    :param ends: by kind, where that is not ``done``
    """
    states = database.states()
    for kind, uuids in made.items():
        expected = ends.get(kind, "done")
        wrong = {u: states.get(u) for u in uuids if states.get(u) != expected}
        assert not wrong, kind


def _partner(number):
    return json.dumps(
        {
            "_type": "odoo_recordset",
            "model": "res.partner",
            "ids": [number],
            "uid": 1,
            "su": False,
            "context": {},
        }
    )
