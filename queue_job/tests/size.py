# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How large the tables of tests are that are about large ones."""

import os


def many(count):
    """Count the rows of a large table: ``script/test --nightly`` makes it larger.

    ``QUEUE_JOB_TEST_SIZE`` says how many times.
    """
    return count * int(os.environ.get("QUEUE_JOB_TEST_SIZE", "1"))
