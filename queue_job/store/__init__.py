"""What is kept of jobs, as SQL: needs a cursor, and nothing of Odoo."""
