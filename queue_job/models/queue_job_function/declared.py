# Copyright 2026 queue_job contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the data files of modules say of functions, and their records do not."""

import logging

from lxml import etree

from odoo.modules import Manifest
from odoo.tools import file_open
from odoo.tools.convert import xml_import

from ..part import ModelPart

_logger = logging.getLogger(__name__)

#: What a data file may choose for a function.
_OPTIONS = (
    "channel", "retry_pattern", "related_action", "on_fail_method", "is_never_repeated",
    "chunk_size", "is_encrypted",
    "keep_log",
    "retry_on", "give_up_on", "expires",
    "lock_key", "lock_limit",
    "timeout", "on_timeout", "notify_user",
)  # fmt: skip


class DeclaredFunctions(ModelPart):
    """Compares records with the data files that declare them."""

    _name = "queue.job.function"
    _register = False

    def _tell_of_differences(self, modules):
        """Log what the data files of modules that were just updated choose, and what is
        not in force: because an update leaves the record alone, or because another
        module has declared the function, too. Nothing is changed.

        :param modules: names
        """
        domain = [("model", "=", self._name), ("module", "in", modules)]
        known = self.env["ir.model.data"].sudo().search(domain)
        for module, names in known.grouped("module").items():
            by_name = {data.complete_name: data for data in names}
            for name, element in self._declarations_in(module):
                if name in by_name:
                    self._tell_of_difference(by_name[name], element)

    def _declarations_in(self, module):
        """(complete external id, element) of each function in a module's XML files."""
        manifest = Manifest.for_addon(module)
        for path in manifest["data"] if manifest else ():
            if not path.endswith(".xml"):
                continue
            with file_open(f"{module}/{path}", "rb") as file:
                content = file.read()
            if self._name.encode() in content:
                yield from self._declarations_of(module, content)

    def _declarations_of(self, module, content):
        for element in etree.fromstring(content).iter("record"):
            name = element.get("id")
            if element.get("model") == self._name and name:
                yield name if "." in name else f"{module}.{name}", element

    def _tell_of_difference(self, data, element):
        function = self.browse(data.res_id).exists().sudo()
        options = function and function._options()
        declared = function and function._options_declared(data.module, element)
        for option in _OPTIONS if declared else ():
            if declared[option] != options[option]:
                _logger.info(
                    "job function %s: %s says %s=%r, but an update leaves the record"
                    " as it is, with %r; choose there what is to hold",
                    function.name,
                    data.complete_name,
                    option,
                    declared[option],
                    options[option],
                )

    def _options(self):
        return {option: self[option] for option in _OPTIONS}

    def _options_declared(self, module, element):
        """Return the options as they were, had the element just been loaded; ``None``
        where it cannot be."""
        root = etree.Element("odoo")
        root.append(element)
        with self.env.cr.savepoint(flush=True) as point:
            try:
                loader = xml_import(self.env, module, {}, "init", xml_filename=__name__)
                loader.parse(root)
                self.env.flush_all()
                self.invalidate_recordset()
                return self._options()
            except Exception:
                _logger.debug("%s is not compared", element.get("id"), exc_info=True)
                return None
            finally:
                point.rollback()
