from .queue_job import QueueJob, channel_func_name
