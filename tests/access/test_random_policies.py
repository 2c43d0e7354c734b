"""Random policies: what SQL shows is what a decision on each record by itself allows, and no more.

The decision is taken in memory, by the formulas' other back end; both are given the same saved rows.
"""

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from sqlalchemy import select

from engine.access.field_policy import field_right
from engine.access.policy import may
from engine.access.rights import rights_on
from engine.catalog import Catalog, compile_catalog
from engine.definition.check import check_texts
from engine.definition.model import Rule
from engine.formula.expression import Expression
from engine.records.bulk import insert_many
from engine.records.compute import evaluate_all
from engine.records.query import Query
from engine.records.read import exists, get, page
from engine.records.saved_rows import stored_values
from engine.releases.apply import apply_plan
from engine.transaction import Actor, Transaction
from engine.workspace import Workspace, open_workspace
from tests.fixtures.workspaces import person

APP = """
app: lab
roles: {{a: {{}}, b: {{includes: [a]}}, c: {{}}}}
entities:
  team:
    title: name
    fields: {{name: {{type: text, required: true}}, lead: {{type: user}}}}
    access: {{everyone: {{read: true}}}}
  item:
    title: name
    fields:
      name: {{type: text, required: true}}
      owner: {{type: user}}
      team: {{type: link, to: team}}
      amount: {{type: money}}
      flag: {{type: boolean}}
      secret: {{type: text}}
      others: {{type: links, to: team}}
      parts: {{type: table, of: part}}
      size: {{type: integer, formula: sum(p.size for p in parts)}}
    access:
{rules}
  part:
    parent: item
    title: text(size)
    fields: {{size: {{type: integer}}, keeper: {{type: user}}}}
"""
LEAVES = (
    "owner == user",
    "team.lead == user",
    "team.lead.manager == user",
    "owner.manager == user",
    "flag",
    "isblank(team)",
    "amount > 50",
    "size > 5",
    "count(parts) > 1",
    "count(p for p in parts if p.keeper == user) > 0",
    "sum(p.size for p in parts if p.size > 2) > amount / 10",
    "count(others) > 0",
    "count(i for i in item if i.owner == user and i.team == team) > 1",
    'has_role("lab.a")',
    "amount > max(i.amount for i in item if i.owner == user)",
)
PRINCIPALS = ("role:a", "role:b", "role:c", "owner", "team.lead", "owner.manager", "everyone", "user:bob")
ROWS = 24

conditions = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("and", "or")), inner).map(lambda each: f"({' '.join(each)})"),
        inner.map(lambda each: f"(not {each})"),
    ),
    max_leaves=3,
)
given_rights = st.one_of(st.booleans(), conditions)
rules = st.dictionaries(
    st.sampled_from(PRINCIPALS),
    st.fixed_dictionaries({"read": given_rights, "update": given_rights, "delete": given_rights}),
    max_size=4,
)
narrowed = st.lists(st.sampled_from(PRINCIPALS), max_size=2, unique=True)


def _app(policy: Mapping[str, Mapping[str, Any]], field: list[str]) -> str:
    principals = ", ".join('"' + each + '"' for each in field)
    lines = [f"      fields: {{secret: {{read: [{principals}]}}}}"]
    for principal, rights in policy.items():
        shown = ", ".join(f"{action}: {_yaml(given)}" for action, given in rights.items())
        lines.append(f'      "{principal}": {{{shown}}}')
    return APP.format(rules="\n".join(lines))


def _yaml(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "'" + value + "'"


class Lab:
    """A published app with rows, whose rules are exchanged in memory: tables do not depend on them."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        apply_plan(workspace.database, check_texts([{"lab.yaml": _app({}, [])}]), message="", by="")
        chance = random.Random(7)
        ann = person(workspace, "ann", "lab.b")
        bob = person(workspace, "bob", "lab.a", manager=ann.id)
        cid = person(workspace, "cid", "lab.c", manager=bob.id)
        self.people = (ann, bob, cid, person(workspace, "dan"))
        users = [*(each.id for each in self.people), None]
        with workspace.writing() as transaction:
            teams = insert_many(
                transaction, "lab.team", [{"name": f"t{each}", "lead": each} for each in users if each]
            )
            rows = [
                {
                    "name": f"i{number}", "secret": f"s{number}", "owner": chance.choice(users),
                    "team": chance.choice([*teams, None]), "amount": chance.choice([None, 10, 60, 90]),
                    "flag": chance.choice([True, False, None]),
                    "others": tuple(chance.sample(teams, chance.randint(0, 2))),
                }
                for number in range(ROWS)
            ]  # fmt: skip
            items = insert_many(transaction, "lab.item", rows)
            parts = [
                {"item": item, "size": chance.randint(0, 6), "keeper": chance.choice(users)}
                for item in items
                for _ in range(chance.randint(0, 3))
            ]
            insert_many(transaction, "lab.part", parts)

    def catalog(self, policy: Mapping[str, Mapping[str, Any]], field: list[str]) -> Catalog:
        """The catalog of the same tables with other rules."""
        checked = check_texts([{"lab.yaml": _app(policy, field)}])
        return compile_catalog(self.workspace.catalog.release, self.workspace.database.dialect, checked)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if request.param == "sqlite":
        workspace = open_workspace(f"sqlite:///{tmp_path_factory.mktemp('lab') / 'lab.db'}")
        yield Lab(workspace)
        workspace.close()
        return
    server = request.getfixturevalue("postgresql_server")
    name = f"lab_{uuid.uuid4().hex}"
    with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        workspace = open_workspace(server.get_uri(name, driver="psycopg"))
        yield Lab(workspace)
        workspace.close()
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _is(asking: Transaction, principal: str, values: dict[str, Any]) -> bool:
    """Whether the actor is this principal of a record, in memory."""
    if principal == "everyone":
        return True
    kind, _, name = principal.partition(":")
    if name:
        return name in asking.actor.roles if kind == "role" else name == asking.actor.username
    return bool(_value(asking, asking.catalog.path_is_user("lab.item", principal), values))


def _value(asking: Transaction, formula: Any, values: dict[str, Any]) -> Any:
    entity = asking.catalog.entity("lab.item")
    return evaluate_all(asking, entity, {"asked": formula}, values)["asked"]


def _decided(asking: Transaction, action: str, values: dict[str, Any]) -> bool:
    """Whether some rule allows the action on a record: the definition, rule by rule, in memory."""

    def holds(rule: Rule) -> bool:
        given = getattr(rule, action)
        if isinstance(given, Expression):
            given = _value(asking, asking.catalog.formula(given), values)
        return bool(given) and _is(asking, rule.principal, values)

    return any(holds(rule) for rule in asking.catalog.entity("lab.item").definition.access.rules)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(policy=rules, field=narrowed, who=st.integers(0, 3))
def test_sql_shows_what_each_decision_allows(
    lab: Lab, policy: dict[str, dict[str, Any]], field: list[str], who: int
) -> None:
    actor: Actor = lab.people[who]
    with lab.workspace.reading(actor) as opened:
        asking = replace(opened, catalog=lab.catalog(policy, field))
        entity = asking.catalog.entity("lab.item")
        ids = asking.connection.execute(select(entity.table.c.id)).scalars().all()
        saved = {each: stored_values(asking, entity, each) for each in ids}
        allowed = {
            action: {each for each in ids if _decided(asking, action, saved[each])}
            for action in ("read", "update", "delete")
        }
        found = page(asking, "lab.item", Query(limit=100, count="exact"))
        assert {record["id"] for record in found.records} == allowed["read"]
        assert found.count == len(allowed["read"])
        whole = page(asking, "lab.part", Query(limit=100))
        assert {record["item"].id for record in whole.records} <= allowed["read"]
        assert may(asking, "read", entity).allowed or not allowed["read"]
        rule = entity.definition.access.fields["secret"]
        for identity in ids:
            seen = identity in allowed["read"]
            assert exists(asking, "lab.item", identity) == seen
            rights = rights_on(asking, entity, identity)
            assert rights.update == (seen and identity in allowed["update"])
            assert rights.delete == (seen and identity in allowed["delete"])
            if seen:
                told = any(_is(asking, each, saved[identity]) for each in rule.read or ())
                assert ("secret" in get(asking, "lab.item", identity)) == told
                assert ("secret" in rights.fields) == told
                fixed = field_right(asking, entity, "secret", "read")
                assert fixed is None or fixed == told
