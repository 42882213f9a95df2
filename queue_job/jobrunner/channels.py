"""The public import path of the channels; they live in ``core``."""

from ..core.channel import Channel
from ..core.channel_config import split_strip
from ..core.channel_manager import NOT_DONE, ChannelManager
from ..core.channel_queue import ChannelJob, ChannelQueue
from ..core.priority_queue import PriorityQueue

__all__ = [
    "NOT_DONE",
    "Channel",
    "ChannelJob",
    "ChannelManager",
    "ChannelQueue",
    "PriorityQueue",
    "split_strip",
]
