"""`update`: changes the record to which a formula about the moved one leads."""

from engine.actions.acting import Acting
from engine.definition.action import Update
from engine.formula.expression import Expression
from engine.problems import NotPossible
from engine.records import write
from engine.text import say

ACTION = Update


def run(acting: Acting, action: Update) -> None:
    """Changes the record; where the formula leads to none it is refused, so that nothing is half done."""
    subject = acting.subject
    identity = subject.value(action.record)
    if identity is None:
        raise NotPossible(
            say(
                "'{formula}' leads to no record, so nothing can be changed there.", formula=action.record.text
            )
        )
    values = {
        name: subject.value(value) if isinstance(value, Expression) else value
        for name, value in action.values.items()
    }
    key = str(subject.catalog.formula(action.record).type.entity)
    write.update(acting.transaction, key, int(identity), values)
