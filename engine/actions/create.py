"""`create`: makes another record, whose values may come from the one that moved."""

from engine.actions.acting import Acting
from engine.definition.action import Create
from engine.formula.expression import Expression
from engine.records import write

ACTION = Create


def run(acting: Acting, action: Create) -> None:
    """Writes the new record through the same door as a person."""
    values = {
        name: acting.subject.value(value) if isinstance(value, Expression) else value
        for name, value in action.values.items()
    }
    write.create(acting.transaction, action.entity, values)
