"""A public form as people with an account see it: its link, whether it is open, what it asks for."""

from flask import url_for

from blueprints.values import label
from blueprints.views.drawing import Asking, Drawn
from engine.records.public_forms import find_form, may_switch


def draw(asking: Asking) -> Drawn:
    """The link with what can be done about it."""
    form = find_form(asking.transaction, asking.entity.key, asking.asked.view.name)
    app, _, entity = asking.entity.key.partition(".")
    name = form.view.name
    switchable = may_switch(asking.transaction, form.entity)
    switch = url_for("public_forms.switch", app=app, entity=entity, name=name)
    context = {
        "form_label": label(form.view.label),
        "form_url": url_for("public_forms.show", app=app, entity=entity, name=name, _external=True),
        "switch_url": switch if switchable else None,
        "form_open": form.open,
        "form_fields": [label(form.entity.fields[name].definition.label) for name in form.fields],
    }
    return Drawn("views/form.html", context)
