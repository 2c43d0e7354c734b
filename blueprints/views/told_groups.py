"""Charts and tables by personal values are told of in the audit: their groups are the values."""

from blueprints import visitor
from engine.definition.figure import Card
from engine.figures.picture import Narrowed
from engine.figures.question import grouped_by
from engine.transaction import Transaction


def tell_groups(transaction: Transaction, card: Card, shown: int, narrowed: Narrowed) -> None:
    """Tells that the actor saw so many groups of a card."""
    read = grouped_by(transaction, card.series)
    visitor.disclosures().groups(transaction, read, shown, narrowed(card.series[0]))
