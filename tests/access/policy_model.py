"""The policy of the shipped applications once more, small and apart from the engine.

It reads the rules as YAML and knows each condition as a line of Python over plain dictionaries. A condition
that it does not know fails the tests: who changes a rule says here what it means.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
APPS = ("crm", "hrm")

Row = dict[str, Any]
"""A record: field → value, links as ids; `id` and `stage` among them."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with roles (their names in full, included ones too)."""

    id: int
    username: str
    roles: frozenset[str]


@dataclass(slots=True)
class World:
    """The definitions as YAML and the rows that are there."""

    definitions: Mapping[str, Any]
    rows: dict[str, dict[int, Row]] = field(default_factory=dict)

    def entity(self, key: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.definitions[key]
        return found

    def every(self) -> Iterator[tuple[str, Row]]:
        for key, rows in self.rows.items():
            for row in rows.values():
                yield key, row

    def at(self, key: str, identity: int | None) -> Row:
        return self.rows.get(key, {}).get(identity or 0, {})


def definitions() -> dict[str, Any]:
    """`app.entity` → its YAML."""
    found = {}
    for app in APPS:
        source = yaml.safe_load((ROOT / f"{app}_app.yaml").read_text(encoding="utf-8"))
        found |= {f"{app}.{name}": entity for name, entity in source["entities"].items()}
    return found


Condition = Callable[[World, Row, Person], bool]

CONDITIONS: Mapping[str, Condition] = {
    "active": lambda _w, row, _p: bool(row["active"]),
    'stage == "draft"': lambda _w, row, _p: row["stage"] == "draft",
    'stage != "draft"': lambda _w, row, _p: row["stage"] != "draft",
    'stage == "approved"': lambda _w, row, _p: row["stage"] == "approved",
    'stage == "self_review"': lambda _w, row, _p: row["stage"] == "self_review",
    'stage == "in_review"': lambda _w, row, _p: row["stage"] == "in_review",
    'stage == "lead"': lambda _w, row, _p: row["stage"] == "lead",
    "owner == user": lambda _w, row, who: row["owner"] == who.id,
    "owner == user or isblank(owner)": lambda _w, row, who: row["owner"] in (who.id, None),
    "owner == user or owner.manager == user": lambda world, row, who: (
        row["owner"] == who.id or _user(world, row["owner"]).get("manager") == who.id
    ),
    "owner == user and stage.open": lambda _w, row, who: row["owner"] == who.id and row["stage"] == "planned",
}
"""What each condition of the two applications means."""

PATHS: Mapping[str, Callable[[World, Row], int | None]] = {
    "user": lambda _w, row: row["user"],
    "owner": lambda _w, row: row["owner"],
    "manager": lambda _w, row: row["manager"],
    "employee.user": lambda world, row: world.at("hrm.employee", row["employee"]).get("user"),
    "employee.manager": lambda world, row: world.at("hrm.employee", row["employee"]).get("manager"),
}
"""Where each principal that is a path leads."""


def _user(world: World, identity: int | None) -> Row:
    return world.at("system.user", identity)


def is_among(world: World, who: Person, principals: Iterable[str], key: str, row: Row | None) -> bool:
    """Whether somebody is one of these; without a row whether they could be for some."""
    for principal in principals:
        if principal == "everyone":
            return True
        if principal.startswith("role:"):
            if f"{key.partition('.')[0]}.{principal.removeprefix('role:')}" in who.roles:
                return True
        elif row is None or PATHS[principal](world, row) == who.id:
            return True
    return False


def allowed(world: World, who: Person, action: str, key: str, row: Row | None) -> bool:
    """Whether a rule gives the action; without a row for at least some."""
    entity = world.entity(key)
    access = entity.get("access")
    if access is None:
        owner = f"{key.partition('.')[0]}.{entity['parent']}"
        above = "update" if action in {"create", "delete"} else action
        return allowed(world, who, above, owner, row and world.at(owner, row[entity["parent"]]))
    for principal, rule in access.items():
        if principal == "fields" or not is_among(world, who, [principal], key, row):
            continue
        given = rule.get(action, False)
        if given is True or (given and (row is None or CONDITIONS[given](world, row, who))):
            return True
    return False


def field_allowed(world: World, who: Person, action: str, key: str, name: str, row: Row | None) -> bool:
    """Whether the rule of a field lets somebody read or update it; without a row whether on every record."""
    rule = world.entity(key).get("access", {}).get("fields", {}).get(name, {})
    principals = rule.get(action, rule.get("read"))
    if principals is None:
        return True
    if row is None:
        principals = [each for each in principals if each.startswith("role:") or each == "everyone"]
    return is_among(world, who, principals, key, row)


def in_stage(world: World, who: Person, key: str, row: Row) -> bool:
    """Whether the stage lets somebody edit, and that of the owner."""
    parent = world.entity(key).get("parent")
    if parent:
        owner = f"{key.partition('.')[0]}.{parent}"
        return in_stage(world, who, owner, world.at(owner, row[parent]))
    stages = world.entity(key).get("workflow", {}).get("stages", {})
    edit = stages.get(row.get("stage"), {}).get("edit")
    return edit is None or is_among(world, who, edit, key, row)


def transitions(world: World, key: str) -> Mapping[str, Any]:
    """Name → YAML of the moves."""
    found: Mapping[str, Any] = world.entity(key).get("workflow", {}).get("transitions", {})
    return found


def readable_rows(world: World, who: Person, key: str) -> list[Row]:
    """The rows that somebody may see."""
    return [row for row in world.rows.get(key, {}).values() if allowed(world, who, "read", key, row)]


def plain_fields(world: World, key: str) -> list[str]:
    """The fields that hold what people write."""
    fields = world.entity(key)["fields"]
    return [name for name, each in fields.items() if "formula" not in each and each["type"] != "table"]
