{
    "name": "Job Queue Bench",
    "version": "19.0.1.0.0",
    "summary": "What script/bench measures with",
    "author": "queue_job contributors",
    "license": "LGPL-3",
    "category": "Hidden",
    "depends": ["queue_job"],
    "installable": True,
}
