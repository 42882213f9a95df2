"""In an Odoo worker: a job is run, and its end recorded."""
