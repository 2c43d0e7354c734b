"""How much lies in the boxes of an inbox, and about what."""

from dataclasses import dataclass

from sqlalchemy import func, select

from engine.problems import NotPossible
from engine.schema.workflow_tables import workflow_instance, workflow_task
from engine.text import Text
from engine.transaction import Transaction
from engine.workflow.inbox import BOXES
from engine.workflow.releases import catalog_of, flow_of

COUNTED_AT_MOST = 999


@dataclass(frozen=True, slots=True)
class Subject:
    """A transition of an entity about which something lies in a box."""

    app: str
    app_label: Text
    entity: str
    entity_label: Text
    transition: str
    transition_label: Text
    count: int


def tally(transaction: Transaction) -> dict[str, int]:
    """Box → how many entries it has for the actor; what is more than COUNTED_AT_MOST is not counted."""
    found = {}
    for name, box in BOXES.items():
        rows = select(workflow_task.c.id).where(box.condition(transaction)).limit(COUNTED_AT_MOST + 1)
        counted = select(func.count()).select_from(rows.subquery())
        found[name] = int(transaction.connection.execute(counted).scalar_one())
    return found


def subjects(transaction: Transaction, box: str) -> list[Subject]:
    """What the entries of a box are about, in the order of the apps."""
    task, instance = workflow_task, workflow_instance
    latest = func.max(instance.c.release)
    rows = transaction.connection.execute(
        select(task.c.entity, instance.c.transition, latest, func.count())
        .select_from(task.join(instance, instance.c.id == task.c.instance_id))
        .where(BOXES[box].condition(transaction))
        .group_by(task.c.entity, instance.c.transition)
        .order_by(task.c.entity, instance.c.transition)
    )
    catalog = transaction.catalog
    return [
        Subject(
            app=entity.partition(".")[0],
            app_label=catalog.apps[entity.partition(".")[0]].label,
            entity=entity,
            entity_label=catalog.entity(entity).definition.label,
            transition=transition,
            transition_label=_label(transaction, entity, transition, release),
            count=count,
        )
        for entity, transition, release, count in rows
        if entity in catalog.entities
    ]


def _label(transaction: Transaction, entity: str, transition: str, release: int) -> Text:
    try:
        flow = flow_of(catalog_of(transaction, release), entity, transition)
    except NotPossible:
        flow = None
    return flow.label if flow else Text({"en": transition})
