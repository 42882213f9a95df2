# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The public import path of the channels; they live in ``core``."""

from ..core.channels.config import split_strip
from ..core.channels.priority_queue import PriorityQueue
from ..core.channels.queue import ChannelQueue
from ..core.channels.scheduler import NOT_DONE, ChannelManager
from ..core.channels.tree import Channel, ChannelJob

__all__ = [
    "NOT_DONE",
    "Channel",
    "ChannelJob",
    "ChannelManager",
    "ChannelQueue",
    "PriorityQueue",
    "split_strip",
]
