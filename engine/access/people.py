"""Who people are: managers, heads, members of roles and groups, substitutes."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import partial
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, Select, bindparam, select

from engine.access.actors import ADMINISTRATOR
from engine.definition.approval import SUBMITTER, Approver
from engine.formula.expression import Expression
from engine.schema.prepared import Prepared, each_of, placed, places
from engine.schema.system_tables import grant
from engine.schema.workflow_tables import workflow_substitute
from engine.transaction import Transaction

USER = "system.user"
DEPARTMENT = "system.department"
AT_ONCE = 500
DEEPEST = 50
"""How far a line of managers or departments is followed; a circle ends there at the latest."""


class Record(Protocol):
    """The record about which people are asked."""

    @property
    def entity(self) -> str: ...

    def value(self, expression: Expression) -> Any:
        """What a formula about the record gives."""

    def field(self, name: str) -> Any:
        """A stored value; links as ids."""

    @property
    def identity(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Person:
    """What is asked about a user."""

    id: int
    name: str
    active: bool
    manager: int | None
    department: int | None


@dataclass(slots=True)
class People:
    """The people of a workspace, each read once for an event."""

    transaction: Transaction
    known: dict[int, Person | None] = field(default_factory=dict)

    def person(self, identity: int | None) -> Person | None:
        """A user by id."""
        if identity is None:
            return None
        if identity not in self.known:
            self.learn([identity])
        return self.known[identity]

    def learn(self, identities: Iterable[int]) -> None:
        """Reads users by one statement."""
        wanted = [each for each in dict.fromkeys(identities) if each not in self.known]
        if not wanted:
            return
        self.known |= dict.fromkeys(wanted)
        self._read("id", wanted)

    def _read(self, by: str, sought: Sequence[Any]) -> dict[Any, int]:
        """Reads users who have one of these values; value → the id of the user."""
        found = {}
        for first in range(0, len(sought), AT_ONCE):
            some = sought[first : first + AT_ONCE]
            names = places(len(some))
            statement = self._prepared(("people by", by, len(names)), partial(_users_by, self, by, names))
            for value, identity, *about in statement.rows(self.transaction.connection, placed(some)):
                self.known[identity] = Person(identity, *about)
                found[value] = identity
        return found

    def _prepared(self, key: Hashable, make: Callable[[], Select[Any]]) -> Prepared:
        connection = self.transaction.connection
        return self.transaction.catalog.once(key, lambda: Prepared(make(), connection.dialect))

    def active(self, identities: Iterable[int]) -> list[int]:
        """Those who are active, in order."""
        listed = list(identities)
        self.learn(listed)
        return [each for each in listed if (found := self.known.get(each)) is not None and found.active]

    def manager(self, identity: int) -> int | None:
        found = self.person(identity)
        return found.manager if found else None

    def name(self, identity: int) -> str:
        found = self.person(identity)
        return found.name if found else str(identity)

    def administrators(self) -> list[int]:
        """Active people with the role of an administrator."""
        return self.with_role(ADMINISTRATOR)

    def with_role(self, role: str) -> list[int]:
        """Active people who have a role, or one that includes it."""
        catalog = self.transaction.catalog
        giving = [name for name, included in catalog.effective_roles.items() if role in included]
        users = catalog.tables.table(USER)
        found = self.transaction.connection.execute(
            select(users.c.id)
            .where(
                users.c.active,
                users.c.id.in_(select(grant.c.user_id).where(grant.c.role.in_([*giving, role]))),
            )
            .order_by(users.c.id)
        )
        return list(found.scalars())

    def in_group(self, name: str) -> list[int]:
        """Active people of the department of that name, and of those beneath it."""
        departments = self.transaction.catalog.tables.table(DEPARTMENT)
        users = self.transaction.catalog.tables.table(USER)
        execute = self.transaction.connection.execute
        level = set(execute(select(departments.c.id).where(departments.c.name == name)).scalars())
        found = set(level)
        while level:
            beneath = select(departments.c.id).where(departments.c.parent.in_(level))
            level = set(execute(beneath).scalars()) - found
            found |= level
        members = select(users.c.id).where(users.c.active, users.c.department.in_(found))
        return list(execute(members.order_by(users.c.id)).scalars())

    def named(self, usernames: Sequence[str]) -> list[int]:
        """People by their user names, in that order."""
        ids = self._read("username", usernames)
        return [ids[each] for each in usernames if each in ids]

    def head_of_department(self, identity: int | None) -> int | None:
        """The head of a person's department; of the one above where they are the head themselves."""
        person = self.person(identity)
        departments = self.transaction.catalog.tables.table(DEPARTMENT)
        at = person.department if person else None
        for _ in range(DEEPEST):
            if at is None:
                return None
            row = self.transaction.connection.execute(
                select(departments.c.head, departments.c.parent).where(departments.c.id == at)
            ).first()
            if row is None:
                return None
            if row.head is not None and row.head != identity:
                return int(row.head)
            at = row.parent
        return None

    def managers(self, identity: int | None, first: int, last: int) -> list[int]:
        """The line of managers above a person, from one level to another, bottom up."""
        line: list[int] = []
        at = identity
        while at is not None and len(line) < last:
            at = self.manager(at)
            if at is None or at in line or at == identity:
                break
            line.append(at)
        return line[first - 1 :]

    def substitutes(self, identities: Iterable[int]) -> Mapping[int, int]:
        """Person → the one who stands in for them today."""
        some = list(dict.fromkeys(identities))
        if not some:
            return {}
        names, today = places(len(some)), _today(self.transaction)
        statement = self._prepared(("substitutes", len(names)), lambda: _substitutes_of(names))
        return dict(statement.rows(self.transaction.connection, placed(some) | {"today": today}))


def _users_by(people: People, by: str, names: Sequence[str]) -> Select[Any]:
    """Users whose `by` is one of the values of these names, with the fields of a Person after it."""
    users = people.transaction.catalog.tables.table(USER)
    columns = [users.c[each.name] for each in fields(Person)]
    return select(users.c[by].label("sought"), *columns).where(each_of(users.c[by], names))


def _substitutes_of(names: Sequence[str]) -> Select[Any]:
    table = workflow_substitute
    today: BindParameter[date] = bindparam("today")
    return (
        select(table.c.person, table.c.substitute)
        .where(each_of(table.c.person, names), table.c.first_day <= today, table.c.last_day >= today)
        .order_by(table.c.id)
    )


def _today(transaction: Transaction) -> date:
    return transaction.now.astimezone(ZoneInfo(transaction.actor.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Naming:
    """What entries of `approvers` mean for one record and one submitter."""

    people: People
    record: Record
    submitter: int | None
    chosen: tuple[int, ...] = ()


def expand(naming: Naming, approvers: Iterable[Approver]) -> list[int]:
    """The people whom these entries name, in order, active or not."""
    found: list[int] = []
    for approver in approvers:
        found += [each for each in EXPANSIONS[approver.kind](naming, approver) if each is not None]
    return found


def _role(naming: Naming, approver: Approver) -> Iterable[int | None]:
    return naming.people.with_role(approver.name)


def _user(naming: Naming, approver: Approver) -> Iterable[int | None]:
    return naming.people.named([approver.name])


def _group(naming: Naming, approver: Approver) -> Iterable[int | None]:
    return naming.people.in_group(approver.name)


def _managers(naming: Naming, approver: Approver) -> Iterable[int | None]:
    return naming.people.managers(naming.submitter, approver.first, approver.last)


def _department_head(naming: Naming, _: Approver) -> Iterable[int | None]:
    return [naming.people.head_of_department(naming.submitter)]


def _chosen(naming: Naming, _: Approver) -> Iterable[int | None]:
    return naming.chosen


def _formula(naming: Naming, approver: Approver) -> Iterable[int | None]:
    assert approver.formula is not None
    return [naming.record.value(approver.formula)]


def _names(naming: Naming, approver: Approver) -> Iterable[int | None]:
    assert approver.formula is not None
    return naming.people.named(str(naming.record.value(approver.formula) or "").split())


def _path(naming: Naming, approver: Approver) -> Iterable[int | None]:
    names = approver.name.split(".")
    if names[0] == SUBMITTER:
        return _follow(naming, USER, [naming.submitter], names[1:])
    return _follow(naming, naming.record.entity, [naming.record.identity], names, first=naming.record)


def _follow(
    naming: Naming,
    entity: str,
    ids: Iterable[int | None],
    names: Sequence[str],
    first: Record | None = None,
) -> list[int | None]:
    """Where a path leads from some records: over links, many links and child rows."""
    catalog = naming.people.transaction.catalog
    at = [each for each in ids if each is not None]
    for position, name in enumerate(names):
        compiled = catalog.entity(entity)
        if position == 0 and first is not None and compiled.fields[name].column:
            value = first.field(name)
            at = [] if value is None else [int(value)]
            entity = str(catalog.world.entities[entity][name].entity)
        elif name == "manager" and entity == USER:
            naming.people.learn(at)
            at = [each for one in at if (each := naming.people.manager(one)) is not None]
        else:
            at, entity = _step(naming, entity, at, name)
    return list(at)


def _step(naming: Naming, entity: str, ids: list[int], name: str) -> tuple[list[int], str]:
    transaction = naming.people.transaction
    catalog = transaction.catalog
    compiled = catalog.entity(entity)
    if name in compiled.children:
        child = catalog.entity(compiled.children[name])
        owner = child.table.c[child.parent_link or ""]
        rows = (
            select(child.table.c.id).where(owner.in_(ids)).order_by(child.table.c.position, child.table.c.id)
        )
        return list(transaction.connection.execute(rows).scalars()), child.key
    if name in compiled.many:
        pairs = catalog.tables.links_table(entity, name)
        linked = select(pairs.c.target_id).where(pairs.c.record_id.in_(ids)).order_by(pairs.c.target_id)
        return list(transaction.connection.execute(linked).scalars()), compiled.many[name]
    column = compiled.table.c[name]
    values = (
        select(column).where(compiled.table.c.id.in_(ids), column.is_not(None)).order_by(compiled.table.c.id)
    )
    target = str(catalog.world.entities[entity][name].entity)
    return list(transaction.connection.execute(values).scalars()), target


EXPANSIONS: Mapping[str, Callable[[Naming, Approver], Iterable[int | None]]] = {
    "role": _role,
    "user": _user,
    "group": _group,
    "managers": _managers,
    "department_head": _department_head,
    "chosen_by": _chosen,
    "previous_approver_chooses": _chosen,
    "formula": _formula,
    "names": _names,
    "path": _path,
}
