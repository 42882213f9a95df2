"""``script/bench``: how fast the job queue is, measured beside others.

Each row is measured for this addon and for the existing one, which is taken from the
package index and used as it is: own folder, own database, own server, the same Odoo
and the same PostgreSQL, in turns. Timings never decide whether a test passes.
"""
