# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What annotations call a job."""

from typing import Any, TypeAlias

#: A :class:`~..job.Job`. That is composed of what stands in this room, which therefore
#: does not import it.
Job: TypeAlias = Any
