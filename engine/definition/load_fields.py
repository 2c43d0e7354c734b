"""Fields: the common keys here, the rest by their field type; and the fields that every record has."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.definition.language import REFERENCE_OPTIONS, THINGS
from engine.definition.loading import Loading, expression, flag, is_formula, label, scalar, text, words
from engine.definition.model import Field, Workflow
from engine.definition.nodes import MappingNode, Node, ScalarNode, plain
from engine.fields.field_type import OptionRefused, ValueRefused
from engine.fields.registry import FIELD_TYPES
from engine.problems import Place
from engine.text import Text, say

COMMON = frozenset(THINGS["field"].keys)

SYSTEM_LABELS: Mapping[str, tuple[str, Text]] = {
    "id": ("integer", Text({"en": "ID", "zh": "编号"})),
    "created_at": ("datetime", Text({"en": "Created at", "zh": "创建时间"})),
    "created_by": ("user", Text({"en": "Created by", "zh": "创建人"})),
    "updated_at": ("datetime", Text({"en": "Updated at", "zh": "修改时间"})),
    "updated_by": ("user", Text({"en": "Updated by", "zh": "修改人"})),
    "revision": ("integer", Text({"en": "Revision", "zh": "版本"})),
}
"""The fields of every record: name → type and label."""

STAGE_LABEL = Text({"en": "Stage", "zh": "阶段"})
POSITION_LABEL = Text({"en": "Position", "zh": "序号"})


def load_field(loading: Loading, entity: str, key: ScalarNode, node: MappingNode) -> Field | None:
    """The field `key`; None when its options do not make sense."""
    type_name = text(node, "type") or ""
    options = _options(loading, entity, key, node, type_name)
    if options is None:
        loading.lost.add(key.text)
        return None
    if freeze := scalar(node, "freeze"):
        loading.refer("stage", freeze, entity)
    default = node.get("default")
    if default:
        loading.refer_options(default, entity, key.text)
    return Field(
        name=key.text,
        type=type_name,
        label=label(key, node),
        place=key.place,
        help=words(node, "help"),
        options=options,
        required=flag(node, "required"),
        unique=flag(node, "unique"),
        index=flag(node, "index"),
        read_only=flag(node, "read_only"),
        hidden=flag(node, "hidden"),
        personal=flag(node, "personal"),
        encrypted=flag(node, "encrypted"),
        retired=flag(node, "retire"),
        default=value_or_formula(loading, default, type_name, options) if default else None,
        formula=expression(node, "formula"),
        show_when=expression(node, "show_when"),
        required_when=expression(node, "required_when"),
        read_only_when=expression(node, "read_only_when"),
        check=expression(node, "check"),
        only=expression(node, "only"),
        message=words(node, "message"),
        blank_stays=text(node, "blank") == "stays",
        freeze=text(node, "freeze"),
        was=text(node, "was"),
    )


def _options(
    loading: Loading, entity: str, key: ScalarNode, node: MappingNode, type_name: str
) -> Mapping[str, Any] | None:
    raw = {name.text: plain(value) for name, value in node.entries if name.text not in COMMON}
    for option in REFERENCE_OPTIONS:
        if option in raw and (written := scalar(node, option)):
            raw[option] = loading.in_full(written.text)
            loading.refer(f"option_{option}", written, entity, key.text)
    try:
        return FIELD_TYPES[type_name].read_options(raw)
    except OptionRefused as refused:
        at = node.get(refused.key)
        loading.refuse(at.place if at else key.place, refused.message)
        return None


def value_or_formula(loading: Loading, node: Node, type_name: str, options: Mapping[str, Any]) -> Any:
    """What a default or a `set` writes: an Expression, or a value that the field accepts."""
    if is_formula(node):
        assert isinstance(node, ScalarNode)
        return node.expression()
    try:
        return FIELD_TYPES[type_name].accept(options, plain(node))
    except ValueRefused as refused:
        loading.refuse(node.place, refused.message)
        return None


def system_fields(
    entity: str, place: Place, workflow: Workflow | None, parent: str | None
) -> dict[str, Field]:
    """The fields that every record has, `stage` with a workflow, and those of a child row."""
    made = [
        _system_field(name, type_name, words_, place, {})
        for name, (type_name, words_) in SYSTEM_LABELS.items()
    ]
    if workflow:
        made.append(
            replace(_system_field("stage", "choice", STAGE_LABEL, place, _stages(workflow)), required=True)
        )
    if parent:
        name = parent.rpartition(".")[2]
        link = _system_field(name, "link", Text({"en": name}), place, {"to": parent})
        made.append(replace(link, required=True, index=True))
        made.append(_system_field("position", "integer", POSITION_LABEL, place, {}))
    return {each.name: each for each in made}


def _stages(workflow: Workflow) -> dict[str, Any]:
    return {
        "options": {
            stage.name: {"label": dict(stage.label.words), "color": stage.color, **stage.attributes}
            for stage in workflow.stages.values()
        }
    }


def _system_field(name: str, type_name: str, words_: Text, place: Place, raw: Mapping[str, Any]) -> Field:
    options = FIELD_TYPES[type_name].read_options(raw)
    return Field(name, type_name, words_, place, options=options, read_only=True, system=True)


def reserved_field(loading: Loading, key: ScalarNode, system: Mapping[str, Field]) -> bool:
    """Whether a declared field takes the name of a system field, which is refused."""
    if key.text not in system:
        return False
    loading.refuse(
        key.place, say("Every record already has the field '{name}'; choose another name.", name=key.text)
    )
    return True
