# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Only a runner of the database can trigger a job."""

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.queue_job.core.request_auth import is_signed, sign

SECRET, UUID = "s3cret", "5f7a"


def test_what_was_signed_is_recognised():
    assert is_signed(SECRET, UUID, "3", sign(SECRET, UUID, "3"))


def test_a_signature_holds_for_one_job_one_attempt_and_one_secret():
    signature = sign(SECRET, UUID, "3")
    assert not is_signed(SECRET, UUID, "4", signature)
    assert not is_signed(SECRET, "5f7b", "3", signature)
    assert not is_signed("other", UUID, "3", signature)
    assert not is_signed(SECRET, UUID, "3", signature.upper())


def test_uuid_and_attempt_do_not_run_into_each_other():
    assert sign(SECRET, "a1", "1") != sign(SECRET, "a", "11")


@given(st.text(st.characters(codec=None)))
def test_no_stranger_makes_it_raise_or_passes(signature):
    assert not is_signed(SECRET, UUID, "1", signature)


@given(st.lists(st.text(st.characters(codec=None)), min_size=3, max_size=3))
def test_whatever_strangers_send_is_only_refused(sent):
    assert not is_signed(SECRET, *sent)


def test_half_a_surrogate_pair_is_no_signature():
    assert not is_signed(SECRET, UUID, "1", "\ud800")
