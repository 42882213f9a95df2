# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Arguments as a tree, within limits, whatever is stored."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core import shown_call
from odoo.addons.queue_job.core.shown_call import ShownCall


def nodes(**values):
    return ShownCall().nodes(values.items())


def count(shown):
    return sum(1 + count(node.get("items", ())) for node in shown)


def test_plain_values():
    [text, number, nothing] = nodes(a="x", b=1.5, c=None)
    assert text == {"label": "a", "kind": "text", "text": "x"}
    assert number == {"label": "b", "kind": "value", "text": "1.5"}
    assert nothing == {"label": "c", "kind": "value", "text": "None"}


def test_marks_are_shown_as_what_they_stand_for():
    [day, pair, table, records] = nodes(
        day={"_type": "date_isoformat", "value": "2026-11-27"},
        pair={"_type": "python_tuple", "value": [1, 2]},
        table={
            "_type": "odoo_frozendict",
            "value": {"_type": "python_dict", "value": [[1, "one"]]},
        },
        records={"_type": "odoo_recordset", "model": "a.b", "ids": [5], "su": True},
    )
    assert (day["kind"], day["text"]) == ("text", "2026-11-27")
    assert (pair["kind"], pair["count"]) == ("tuple", 2)
    assert table["items"] == [{"label": "1", "kind": "text", "text": "one"}]
    assert records == {
        "label": "records", "kind": "records", "model": "a.b", "ids": [5], "more": 0,
    }  # fmt: skip


def test_what_is_left_out_is_said():
    for value in (
        "x" * 1000,
        list(range(1000)),
        {"_type": "odoo_recordset", "model": "a.b", "ids": list(range(1, 100))},
        [[[[[[[[1]]]]]]]],
    ):
        shown = ShownCall()
        made = shown.nodes([("a", value)])
        assert shown.is_cut
        assert count(made) <= shown_call.MOST_VALUES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["_type", "value", "ids", "model", "a"]),
            inner | st.sampled_from(["odoo_recordset", "python_dict", "python_tuple"]),
        )
    ),
)


@given(st.lists(st.tuples(st.text(max_size=5), JSON)))
def test_whatever_is_stored_can_be_shown(labelled):
    shown = ShownCall()
    made = shown.nodes(labelled)
    assert shown.is_cut or len(made) == len(labelled)
