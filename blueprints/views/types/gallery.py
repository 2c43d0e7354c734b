"""The gallery: records as cards with a mark in their colour, page by page."""

from flask import url_for

from blueprints.lists import paging
from blueprints.views.cards import cards, seen_fields
from blueprints.views.drawing import Asking, Drawn, find
from engine.fields.file_type import files_in

CARDS = 48


def draw(asking: Asking) -> Drawn:
    """One page of cards."""
    shown = seen_fields(asking.transaction, asking.entity, asking.options["card"])
    color = asking.options.get("color")
    pictures = seen_fields(asking.transaction, asking.entity, [asking.options.get("image", "")])
    names = frozenset({*(each.name for each in (*shown, *pictures)), *((color,) if color else ())})
    found, problem = find(asking, names, limit=CARDS, after=asking.asked.after)
    context = {
        "pictured": bool(pictures),
        "pictures": {
            record["id"]: url_for("files.thumbnail", identity=files[0].id)
            for each in pictures
            for record in found.records
            if (files := files_in(record.get(each.name)))
        },
        "cards": cards(asking.transaction, asking.entity, found.records, shown, color),
        **paging(asking.asked, asking.base, found),
    }
    return Drawn("views/gallery.html", context, problem)
