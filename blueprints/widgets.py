"""What the templates of the form controls need besides the node itself."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from markupsafe import Markup

from blueprints import visitor
from blueprints.file_looks import is_picture, is_shown
from blueprints.values import entity_url
from engine.fields.field_type import FileRule
from engine.fields.file_type import LINE, files_in
from engine.fields.option import Option
from engine.fields.provinces import PROVINCES
from engine.fields.types.rich_text import sanitized
from engine.forms.nodes import FieldNode

WIDE = frozenset({"textarea", "rich_text", "address", "code", "signature"})
"""Widgets that take the whole width of a section."""

IN_PARTS = frozenset({"rating", "address"})
"""Widgets of several controls, which the field's label names as a group."""


REQUIRED = Markup(' aria-required="true"')
NOTHING = Markup("")

RICH_ICONS = {
    "bold": "bold",
    "italic": "italic",
    "underline": "underline",
    "strikeThrough": "strikethrough",
    "heading": "heading",
    "plain": "pilcrow",
    "insertUnorderedList": "list",
    "insertOrderedList": "list-numbers",
    "quote": "blockquote",
    "link": "link",
    "undo": "arrow-back-up",
    "redo": "arrow-forward-up",
}


def described_by(node: FieldNode) -> str:
    """The ids of what explains a control: its problems, then its help."""
    problems = [
        f"{node.id}-problem" if n == 0 else f"{node.id}-problem-{n + 1}" for n in range(len(node.problems))
    ]
    return " ".join([*problems, *([f"{node.id}-help"] if node.help else [])])


def attributes(node: FieldNode) -> Markup:
    """The accessibility attributes of a control."""
    if not node.problems and not node.help:
        return REQUIRED if node.required else NOTHING
    found = Markup("")
    described = described_by(node)
    if described:
        found += Markup(' aria-describedby="{}"').format(described)
    if node.problems:
        found += Markup(' aria-invalid="true"')
    if node.required:
        found += REQUIRED
    return found


def is_wide(node: FieldNode) -> bool:
    """Whether a field takes the whole width of its section."""
    return node.rows is not None or node.widget in WIDE


def is_group(node: FieldNode) -> bool:
    """Whether a field has several controls, or none, so that its label belongs to no single one."""
    return node.rows is not None or node.many or node.read_only or node.widget in IN_PARTS


def totalled(node: FieldNode) -> frozenset[str]:
    """The columns of child rows that are added up: computed ones, or where there are none those entered."""
    cells = [cell.field for cell in node.blank_row.fields] if node.blank_row else []
    summable = [each for each in cells if each.type.summable]
    computed = [each.name for each in summable if each.computed]
    return frozenset(computed or (each.name for each in summable))


def rich_tools() -> Sequence[tuple[str, str, str]]:
    """What can be done to formatted text: command, icon, words."""
    words = visitor.translated
    commands = {
        "bold": words("Bold"),
        "italic": words("Italic"),
        "underline": words("Underline"),
        "strikeThrough": words("Strike through"),
        "heading": words("Heading"),
        "plain": words("Paragraph"),
        "insertUnorderedList": words("Bulleted list"),
        "insertOrderedList": words("Numbered list"),
        "quote": words("Quote"),
        "link": words("Link"),
        "undo": words("Undo"),
        "redo": words("Redo"),
    }
    return [(command, RICH_ICONS[command], named) for command, named in commands.items()]


def file_rule(node: FieldNode) -> FileRule | None:
    """What a field of files takes."""
    return node.field.type.files(node.options)


def shown_files(node: FieldNode) -> list[dict[str, Any]]:
    """The files that a field holds."""
    return [
        {
            "value": f"{each.id}/{each.name}",
            "name": each.name or f"#{each.id}",
            "url": url_for("files.download", identity=each.id),
            "view": url_for("files.view", identity=each.id) if is_shown(each) else None,
            "thumbnail": url_for("files.thumbnail", identity=each.id) if is_picture(each) else None,
        }
        for each in files_in(_readable(node.text))
    ]


def _readable(text: str) -> str:
    """The lines that name files; what was sent and is none is left out."""
    return "\n".join(line for line in text.split("\n") if LINE.fullmatch(line) and line[0] != "#")


def clean_html(text: str) -> str:
    """HTML that may stand in a page, of what somebody sent."""
    return sanitized(text)


def address_parts() -> Sequence[tuple[str, str]]:
    """The parts of an address with their words."""
    words = visitor.translated
    return (
        ("province", words("Province")),
        ("city", words("City")),
        ("district", words("District")),
        ("street", words("Street and number")),
        ("postcode", words("Postcode")),
    )


def province_names() -> Sequence[str]:
    """What is proposed for the province."""
    return [name.to(visitor.locale()) for name in PROVINCES.values()]


def choices_url(node: FieldNode, identity: int | None = None) -> str:
    """Where the search box of a link field asks for records."""
    app, _, entity = node.entity.partition(".")
    own = identity if "-" not in node.path else None
    return url_for("live.choices", app=app, entity=entity, field=node.field.name, record=own)


def link_base(node: FieldNode) -> str | None:
    """Where the records are that a link field leads to."""
    target = node.field.type.target(node.options)
    return entity_url(target) if target else None


def people_url() -> str:
    """Where the search box for a person asks: everybody whom the visitor may see."""
    return url_for("live.choices", app="system", entity="user", field="manager")


def show_url(node: FieldNode, identity: int | None) -> str:
    """Where a personal value is asked for."""
    app, _, entity = node.of.partition(".")
    return url_for("records.show_personal", app=app, entity=entity, identity=identity)


def explain_url(node: FieldNode, identity: int | str | None) -> str | None:
    """Where a computed value is explained; None for other values and for records that are not saved."""
    if node.formula is None or not identity:
        return None
    return f"{entity_url(node.entity, identity)}/explain/{node.field.name}"


def shown_options(node: FieldNode) -> Sequence[Option]:
    """The options of a choice, in their order."""
    options: dict[str, Option] = node.options["options"]
    return list(options.values())


FOR_TEMPLATES = (
    attributes,
    described_by,
    choices_url,
    link_base,
    people_url,
    explain_url,
    show_url,
    shown_options,
    is_wide,
    is_group,
    totalled,
    rich_tools,
    clean_html,
    file_rule,
    shown_files,
    address_parts,
    province_names,
)
"""What templates call by name."""
