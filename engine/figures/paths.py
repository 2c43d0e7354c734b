"""Fields that the formulas of figures lead to: what their values look like."""

from engine.catalog import Catalog, CompiledEntity, CompiledField


def field_at(catalog: Catalog, entity: CompiledEntity, path: str) -> CompiledField | None:
    """The field that `amount` or `owner.department` leads to; None for any other formula."""
    at: CompiledEntity | None = entity
    found: CompiledField | None = None
    for name in path.strip().split("."):
        found = at.fields.get(name) if at else None
        if found is None:
            return None
        target = found.type.target(found.definition.options)
        at = catalog.entities.get(target) if target else None
    return found
