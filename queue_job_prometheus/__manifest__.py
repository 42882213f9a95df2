# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Job Queue: Prometheus",
    "version": "19.0.1.0.0",
    "summary": "Metrics of the job queue for Prometheus",
    "author": "queue_job contributors",
    "license": "LGPL-3",
    "category": "Technical",
    "development_status": "Beta",
    "depends": ["queue_job"],
    "external_dependencies": {"python": ["prometheus_client"]},
}
