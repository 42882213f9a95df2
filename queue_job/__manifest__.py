{
    "name": "Job Queue",
    "version": "19.0.1.0.0",
    "summary": "Delay method calls and run them in the background, in channels",
    "author": "queue_job contributors",
    "license": "LGPL-3",
    "category": "Technical",
    "depends": ["mail", "base_sparse_field", "web"],
    "external_dependencies": {"python": ["requests"]},
    "data": [],
    "installable": True,
    "application": True,
    "post_load": "post_load",
}
