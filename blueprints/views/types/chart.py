"""The chart: figures over the records that the address narrows to; each leads to its records."""

from blueprints.views.card_view import draw

__all__ = ["draw"]
