"""A kind of import contract that import-linter does not have."""

import sys

from importlinter import Contract, ContractCheck, fields, output


class ImportsOnly(Contract):  # type: ignore[misc]
    """Some modules import nothing but Python's own library and what is allowed.

    ``modules`` and ``allowed`` name modules, each with everything inside it.
    """

    modules = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph, verbose):
        offences = [
            (importer, imported)
            for importer in sorted(graph.modules)
            if _within(importer, self.modules)
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if not self._permits(imported)
        ]
        return ContractCheck(kept=not offences, metadata={"offences": offences})

    def _permits(self, imported: str) -> bool:
        if imported.split(".")[0] in sys.stdlib_module_names:
            return True
        return _within(imported, [*self.modules, *(self.allowed or [])])

    def render_broken_contract(self, check):
        for importer, imported in check.metadata["offences"]:
            output.print_error(f"{importer} imports {imported}", bold=False)
            output.new_line()


def _within(module: str, packages: list[str]) -> bool:
    return any(module == name or module.startswith(name + ".") for name in packages)
