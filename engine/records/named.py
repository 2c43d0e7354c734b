"""Which record a person means who writes its title, or a unique text of it such as a user name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import or_, select

from engine.access.field_policy import readable
from engine.access.policy import visible
from engine.catalog import CompiledEntity
from engine.fields.field_type import ValueRefused
from engine.formula.compile_sql import moment_parameters
from engine.formula.types import Kind
from engine.records.select import title_column
from engine.text import say
from engine.transaction import Transaction

ASKED_AT_ONCE = 500


@dataclass(slots=True)
class Titles:
    """Which records titles mean, for each entity that links lead to."""

    transaction: Transaction
    known: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def learn(self, entity: str, texts: Iterable[str]) -> None:
        """Looks titles up, many by one statement."""
        wanted = sorted({text for text in texts if (entity, text) not in self.known})
        for start in range(0, len(wanted), ASKED_AT_ONCE):
            asked = wanted[start : start + ASKED_AT_ONCE]
            found: dict[str, list[int]] = {}
            for identity, names in _named(self.transaction, entity, asked):
                for text in names.intersection(asked):
                    found.setdefault(text, []).append(identity)
            for text in asked:
                self.known[entity, text] = tuple(found.get(text, ()))

    def identity(self, entity: CompiledEntity, text: str) -> int:
        """The one record that `text` names; ValueRefused when there is none, or more than one."""
        if not self.known.get((entity.key, text)):
            # An earlier row of the same file may have made it meanwhile.
            self.known.pop((entity.key, text), None)
            self.learn(entity.key, [text])
        found = self.known[entity.key, text]
        if len(found) == 1:
            return found[0]
        label = entity.definition.label
        if not found:
            raise ValueRefused(say("There is no {entity} “{value}”.", entity=label, value=text))
        sentence = "{count} records of {entity} are called “{value}”; write the id of the one that is meant."
        raise ValueRefused(say(sentence, count=len(found), entity=label, value=text))


def _named(transaction: Transaction, key: str, texts: Sequence[str]) -> Iterator[tuple[int, set[str]]]:
    """Records that may be seen whose title, or a unique text of theirs such as a user name, is asked for."""
    catalog = transaction.catalog
    entity = catalog.entity(key)
    rows = entity.table.alias()
    columns = [title_column(transaction, key, rows)]
    for name in readable(transaction, entity):
        each = entity.fields[name]
        if each.definition.unique and catalog.world.entities[key][name].kind is Kind.TEXT:
            columns.append(rows.c[name])
    statement = select(rows.c.id, *columns).where(
        visible(transaction, key, rows), or_(*(column.in_(texts) for column in columns))
    )
    for row in transaction.connection.execute(statement, moment_parameters(transaction.moment)):
        yield row[0], {str(name) for name in row[1:] if name is not None}
