"""A formula that somebody is writing: checked and computed with what this person may see, nothing stored."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select

from engine.access.field_policy import readable
from engine.access.policy import may, visible
from engine.formula.check import Formula, Scope, World, check_formula
from engine.formula.compile_sql import Compiler, moment_parameters
from engine.formula.evaluate import evaluate
from engine.formula.expression import Expression
from engine.formula.outside import outside_parameters, outside_select
from engine.formula.types import Type
from engine.problems import NotAllowed, NotFound, Place
from engine.row_sources import RowSources
from engine.text import say
from engine.transaction import Transaction

PLACE = Place("formula", 1, 1)
NOWHERE = "formula.values"
"""The entity of a formula that belongs to none: its fields are the values that are given."""


def check_sent(
    transaction: Transaction,
    entity: str | None,
    text: str,
    given: Mapping[str, Type] | None = None,
    expected: Type | None = None,
    changes: bool = False,
) -> Formula:
    """The checked formula about a record of `entity`, or about `given` names and their types.

    `expected` is the type that it has to give, `changes`: for a place where a record is written.

    Names that the actor may not read do not exist; raises DefinitionRefused with every problem, whose column
    is the position in the text.
    """
    if entity is None:
        world = _with_given(readable_world(transaction), given or {})
        scope = Scope("formula", NOWHERE)
    else:
        compiled = transaction.catalog.entity(entity)
        decision = may(transaction, "read", compiled)
        if not decision.allowed:
            raise NotAllowed(decision.reason)
        scope = Scope(compiled.definition.app, entity, changes=changes)
        world = readable_world(transaction)
    return check_formula(Expression(text, PLACE), world, scope, expected)


def readable_world(transaction: Transaction) -> World:
    """The entities and fields that the actor may name in a formula."""
    world = transaction.catalog.world
    if transaction.actor.administrator:
        return world
    entities = {}
    for key, fields in world.entities.items():
        compiled = transaction.catalog.entities[key]
        open_ = readable(transaction, compiled)
        entities[key] = {
            name: type_ for name, type_ in fields.items() if name in open_ or name not in compiled.fields
        }
    return replace(world, entities=entities)


def _with_given(world: World, given: Mapping[str, Type]) -> World:
    return replace(world, entities={**world.entities, NOWHERE: given})


def value_of_record(transaction: Transaction, formula: Formula, record_id: int) -> Any:
    """The value for a saved record, computed over what the actor may see; NotFound for any other record."""
    rows = transaction.connection.execute(
        record_statement(transaction, formula, record_id), moment_parameters(transaction.moment)
    ).all()
    if not rows:
        label = transaction.catalog.entity(formula.scope.entity or "").definition.label
        raise NotFound(say("There is no {entity} {id}.", entity=label, id=record_id))
    return rows[0][0]


def record_statement(transaction: Transaction, formula: Formula, record_id: int | None = None) -> Select[Any]:
    """The statement for one record, or for all."""
    sources = _sources(transaction, formula)
    source = sources.source(formula.scope.entity or "")
    statement = select(sources.value(formula, source).label("value")).select_from(source)
    return statement if record_id is None else statement.where(source.c.id == record_id)


def value_of(transaction: Transaction, formula: Formula, values: Mapping[str, Any]) -> Any:
    """The value for a record that has these values and is not saved; what is missing is blank."""
    statement = outside_select([formula], _sources(transaction, formula), transaction.dialect)
    outside: Mapping[str, Any] = {}
    if statement is not None:
        parameters = outside_parameters([formula], values, transaction.moment)
        outside = dict(transaction.connection.execute(statement, parameters).mappings().one())
    return evaluate(formula, values, outside, transaction.moment)


def given_statement(transaction: Transaction, formula: Formula) -> Select[Any]:
    """The statement for given values, which are its bind parameters."""
    compiler = Compiler.without_row(formula, _sources(transaction, formula), transaction.dialect)
    return select(compiler.result(formula.tree, formula.type).label("value"))


def _sources(transaction: Transaction, formula: Formula) -> RowSources:
    sources = RowSources(
        transaction.catalog,
        None if transaction.actor.administrator else lambda entity, rows: visible(transaction, entity, rows),
    )
    return sources.reading(formula)
