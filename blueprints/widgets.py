"""What the templates of the form controls need besides the node itself."""

from collections.abc import Sequence

from flask import url_for
from markupsafe import Markup

from engine.fields.option import Option
from engine.forms.nodes import FieldNode


def described_by(node: FieldNode) -> str:
    """The ids of what explains a control: its problems, then its help."""
    problems = [
        f"{node.id}-problem" if n == 0 else f"{node.id}-problem-{n + 1}" for n in range(len(node.problems))
    ]
    return " ".join([*problems, *([f"{node.id}-help"] if node.help else [])])


def attributes(node: FieldNode) -> Markup:
    """The accessibility attributes of a control."""
    found = Markup("")
    described = described_by(node)
    if described:
        found += Markup(' aria-describedby="{}"').format(described)
    if node.problems:
        found += Markup(' aria-invalid="true"')
    if node.required:
        found += Markup(' aria-required="true"')
    return found


def choices_url(node: FieldNode, identity: int | None = None) -> str:
    """Where the search box of a link field asks for records."""
    app, _, entity = node.entity.partition(".")
    own = identity if "-" not in node.path else None
    return url_for("live.choices", app=app, entity=entity, field=node.field.name, record=own)


def people_url() -> str:
    """Where the search box for a person asks: everybody whom the visitor may see."""
    return url_for("live.choices", app="system", entity="user", field="manager")


def explain_url(node: FieldNode, identity: int | None) -> str | None:
    """Where a computed value is explained; None for other values and for records that are not saved."""
    if node.formula is None or not identity:
        return None
    app, _, entity = node.entity.partition(".")
    return url_for("explain.show", app=app, entity=entity, identity=identity, field=node.field.name)


def shown_options(node: FieldNode) -> Sequence[Option]:
    """The options of a choice, in their order."""
    options: dict[str, Option] = node.options["options"]
    return list(options.values())
