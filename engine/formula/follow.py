"""Links followed for all rows of a query at once: a LEFT JOIN each, instead of a subquery a row."""

from collections.abc import Iterable, Iterator

from sqlalchemy import FromClause, Table, type_coerce
from sqlalchemy.sql.selectable import Alias

from engine.formula.compile_sql import Compiler
from engine.formula.nodes import Column, Hop, Node, walk


def follow(compiler: Compiler, nodes: Iterable[Node], source: str, rows: FromClause) -> FromClause:
    """`rows` joined with the records that links of theirs lead to, as far as the nodes read them.

    `source` is the compiler's name of the rows. From then on the compiler takes what the links lead to from
    the joined records. Fields of them that are not stored are left to it.
    """
    targets: dict[Node, FromClause] = {}
    for hop in _hops(nodes, source):
        base, known = hop.base, isinstance(hop.base, Column) or hop.base in compiler.around
        if base not in targets and known:
            target = compiler.tables.source(hop.entity)
            if not (isinstance(target, Alias) and isinstance(target.element, Table)):
                continue
            targets[base] = target
            rows = rows.outerjoin(target, target.c.id == compiler.compile(base).expression)
        if base in targets:
            column = compiler.column_of(targets[base], hop.entity, hop.name)
            value = compiler.stored(column, hop.type)
            # Blank where the link is, whatever the column says of itself.
            compiler.around[hop] = value.moved(type_coerce(value.expression, value.expression.type))
    return rows


def _hops(nodes: Iterable[Node], source: str) -> Iterator[Hop]:
    """What links of the source's records lead to, nearer ones first."""
    for node in dict.fromkeys(part for each in nodes for part in reversed(list(walk(each)))):
        if isinstance(node, Hop) and node.name != "id" and _starts_at(node, source):
            yield node


def _starts_at(node: Node, source: str) -> bool:
    while isinstance(node, Hop):
        node = node.base
    return isinstance(node, Column) and node.source == source
