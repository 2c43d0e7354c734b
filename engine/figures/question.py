"""A question about figures: its checked formulas, and whether the actor may ask it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.access.field_policy import field_right, readable
from engine.access.policy import may
from engine.catalog import CompiledEntity
from engine.definition.figure import Series, read_grouping, read_measure
from engine.formula.check import Formula, Scope, check_formula
from engine.formula.expression import Expression
from engine.formula.types import Kind
from engine.problems import DefinitionRefused, InputRefused, NotAllowed, Place, Problem
from engine.text import say
from engine.transaction import Transaction

Group = tuple[Formula, str | None]
"""A formula, and the period that its days are put together to."""
Measured = tuple[str, Formula | None]
"""A function and what it is of; count() is of nothing."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the records of an entity."""

    entity: CompiledEntity
    groups: tuple[Group, ...]
    measures: tuple[Measured, ...]
    where: Formula | None = None
    sent: bool = False
    """Whether a person wrote the formulas, so that they see only what the person sees."""

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal questions."""
        return (
            self.entity.key,
            tuple((formula.expression.text, period) for formula, period in self.groups),
            tuple((name, formula.expression.text if formula else "") for name, formula in self.measures),
            self.where.expression.text if self.where else "",
            self.sent,
        )

    @property
    def formulas(self) -> tuple[Formula, ...]:
        return (*(each for each, _ in self.groups), *(each for _, each in self.measures if each))


def question_of(transaction: Transaction, series: Series) -> Question:
    """The question of a definition: its measures are those of each figure and of what divides it, in order.

    Raises NotAllowed where the actor may not read what it shows.
    """
    catalog = transaction.catalog
    entity = catalog.entity(series.entity)
    measures = [each for figure in series.figures for each in (figure.value, figure.per) if each]
    question = Question(
        entity,
        tuple(
            _group(transaction, entity, _known(transaction, entity, each.expression), each.period)
            for each in series.groups
        ),
        tuple(
            (each.function, _known(transaction, entity, each.expression) if each.expression else None)
            for each in measures
        ),
        catalog.formula(series.where) if series.where else None,
    )
    _allow(transaction, question)
    return question


def sent_question(
    transaction: Transaction, entity: CompiledEntity, groups: Sequence[str], values: Sequence[str]
) -> Question:
    """The question that a person sends: groups such as `month(close_date)`, values such as `sum(amount)`.

    Raises InputRefused for what makes no sense, NotAllowed for what may not be read.
    """
    problems: list[Problem] = []
    found: list[Group] = []
    measures: list[Measured] = []
    for text in groups:
        grouping = read_grouping(_expression(text, "group_by"))
        formula = _sent(transaction, entity, grouping.expression, "group_by", problems)
        if formula and grouping.period and formula.type.kind not in DAYS:
            problems.append(
                Problem("group_by", say("“{text}” has no {period}.", text=text, period=grouping.period))
            )
        elif formula:
            found.append(_group(transaction, entity, formula, grouping.period))
    for text in values:
        measure = read_measure(_expression(text, "value"))
        if measure is None:
            sentence = say("“{text}” is no measure; write sum(amount), for example, or count().", text=text)
            problems.append(Problem("value", sentence))
            continue
        inner = (
            _sent(transaction, entity, measure.expression, "value", problems) if measure.expression else None
        )
        if inner and measure.function in ("sum", "avg") and not inner.type.is_number:
            sentence = say("“{text}” is about no number.", text=text)
            problems.append(Problem("value", sentence))
        measures.append((measure.function, inner))
    if problems:
        raise InputRefused(problems)
    question = Question(entity, tuple(found), tuple(measures), sent=True)
    _allow(transaction, question)
    return question


DAYS = frozenset({Kind.DATE, Kind.DATETIME, Kind.MONTH})


def _expression(text: str, where: str) -> Expression:
    return Expression(text.strip(), Place(where, 1, 1))


def _sent(
    transaction: Transaction,
    entity: CompiledEntity,
    expression: Expression,
    where: str,
    problems: list[Problem],
) -> Formula | None:
    try:
        return _checked(transaction, entity, expression)
    except DefinitionRefused as refused:
        problems.extend(Problem(where, each.message) for each in refused.problems)
        return None


def grouped_by(transaction: Transaction, asked: Iterable[Series]) -> frozenset[tuple[str, str]]:
    """The fields whose values become groups: (entity, field)."""
    return frozenset(
        (read.entity, read.field)
        for series in asked
        for group in series.groups
        for read in _known(transaction, transaction.catalog.entity(series.entity), group.expression).reads
    )


def _known(transaction: Transaction, entity: CompiledEntity, expression: Expression) -> Formula:
    """A formula of the definition, or one that a page made of a field's name."""
    return transaction.catalog.formulas.get(expression) or _checked(transaction, entity, expression)


def _checked(transaction: Transaction, entity: CompiledEntity, expression: Expression) -> Formula:
    scope = Scope(app=entity.definition.app, entity=entity.key, candidate=None)
    return transaction.catalog.once(
        ("figure", entity.key, expression.text),
        lambda: check_formula(expression, transaction.catalog.world, scope),
    )


def _group(transaction: Transaction, entity: CompiledEntity, formula: Formula, period: str | None) -> Group:
    """The group; an instant counts for its day, in the time zone of whoever asks."""
    if formula.type.kind is not Kind.DATETIME:
        return formula, period
    expression = Expression(f"date({formula.expression.text})", formula.expression.place)
    return _checked(transaction, entity, expression), period or "day"


def _allow(transaction: Transaction, question: Question) -> None:
    """Figures tell about what they are made of, so whoever sees them may read that."""
    entity = question.entity
    decision = may(transaction, "read", entity)
    if not decision.allowed:
        raise NotAllowed(decision.reason)
    for name, other in _read(transaction, question.formulas):
        conditional = other.key == entity.key and field_right(transaction, other, name, "read") is None
        if name in other.fields and name not in readable(transaction, other) and not conditional:
            label = other.fields[name].definition.label
            raise NotAllowed(
                say("You may not read “{field}” of {entity}.", field=label, entity=other.definition.label)
            )


def _read(transaction: Transaction, formulas: Iterable[Formula]) -> list[tuple[str, CompiledEntity]]:
    reads = {(each.entity, each.field) for formula in formulas for each in formula.reads}
    return [(field, transaction.catalog.entity(key)) for key, field in sorted(reads)]
