"""Conditions on what a path of links leads to, for many rows: the records it starts at are gathered once.

`team.lead == user`, asked of a thousand deals, is a thousand look-ups of a team. As `team IN (the teams that
the user leads)` it is one, whose answer both databases keep while they go through the deals.
"""

from sqlalchemy import ColumnElement, and_, or_, select

from engine.formula.nodes import Call, Hop, Parameter
from engine.formula.sql_parts import Compiling
from engine.formula.types import Kind


def leads_to_parameter(compiler: Compiling, node: Call) -> ColumnElement[bool] | None:
    """`path == user` by the records that lead there; None where each row is to look for itself.

    Links have indexes, so that gathering costs what is found. A blank equals a blank, as it does row by row.
    """
    for path, asked in (node.arguments, node.arguments[::-1]):
        if isinstance(path, Hop) and isinstance(asked, Parameter) and path not in compiler.around:
            return _gathered(compiler, path, asked)
    return None


def _gathered(compiler: Compiling, node: Hop, asked: Parameter) -> ColumnElement[bool] | None:
    path = compiler.path(node)
    if node.type.kind is not Kind.LINK or not all(
        compiler.tables.gathers(each.entity, each.name) for each in path.steps
    ):
        return None
    wanted = compiler.compile(asked).expression
    found = select(path.first.c.id).select_from(path.rows).where(path.value == wanted)
    both_blank = and_(wanted.is_(None), compiler.compile(node).expression.is_(None))
    return or_(compiler.compile(path.start).expression.in_(found), both_blank)
