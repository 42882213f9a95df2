# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``odoo queue_job``: a command of Odoo's own.

Odoo loads this file by itself, as ``odoo.cli.queue_job`` and outside of the add-on,
whenever it looks for commands. So it imports nothing of the add-on before it is run.
"""

import importlib
import sys

from odoo.cli.command import Command
from odoo.modules import initialize_sys_path


class QueueJob(Command):
    """Look into the job queue of a database, and put it right"""

    name = "queue_job"

    def run(self, args):
        initialize_sys_path()
        # no relative import leads from odoo.cli to the add-on
        main = importlib.import_module("odoo.addons.queue_job.command.main")
        sys.exit(main.run(self.prog, args))
