# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Job Queue Demo",
    "version": "19.0.1.0.0",
    "summary": "Small models with every kind of job, to look at and to try",
    "author": "queue_job contributors",
    "license": "LGPL-3",
    "category": "Technical",
    "development_status": "Beta",
    "depends": ["queue_job"],
    "data": [
        "security/ir.model.access.csv",
        "views/order_views.xml",
        "views/classic_views.xml",
        "views/menus.xml",
    ],
}
