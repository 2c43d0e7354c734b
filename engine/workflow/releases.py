"""The definitions to which an instance is pinned (rule 13): older releases, compiled once and kept."""

from engine.catalog import Catalog, compile_catalog
from engine.problems import NotPossible
from engine.releases.history import checked_release, release_of
from engine.text import say
from engine.transaction import Transaction
from engine.workflow.flow import Flow, lay_out

KEPT = 4
"""So many older releases are kept compiled; a company rarely has instances of more."""


def catalog_of(transaction: Transaction, number: int) -> Catalog:
    """The catalog of a release: the current one, or an older one."""
    current = transaction.catalog
    if number == current.release:
        return current
    kept: dict[int, Catalog] = current.once(("older releases",), dict)
    if number not in kept:
        release = release_of(transaction.connection, number)
        if release is None:
            raise NotPossible(say("Release {number} is not there any more.", number=number))
        if len(kept) >= KEPT:
            kept.pop(next(iter(kept)), None)
        kept[number] = compile_catalog(number, current.dialect, checked_release(release))
    return kept[number]


def flow_of(catalog: Catalog, entity: str, transition: str) -> Flow | None:
    """The approval of a transition, laid out; None when the transition has none."""

    def make() -> Flow | None:
        workflow = catalog.entity(entity).definition.workflow
        found = workflow.transitions.get(transition) if workflow else None
        return lay_out(found.approval, found.label) if found and found.approval else None

    return catalog.once(("flow", entity, transition), make)
