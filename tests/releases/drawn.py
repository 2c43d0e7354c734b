"""Random definitions and random changes of them, and what has to survive each change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

FIELD_TYPES: Mapping[str, tuple[str, Any]] = {
    "text": ("{type: text}", "12"),
    "long": ("{type: long_text}", "12"),
    "integer": ("{type: integer, min: 0}", 12),
    "decimal": ("{type: decimal, decimals: 3}", None),
    "money": ("{type: money, min: 1, max: 900}", None),
    "choice": ("{type: choice, options: [a, b]}", "a"),
    "several": ("{type: multi_choice, options: [a, b]}", ("a",)),
    "unique": ("{type: text, unique: true}", None),
    "indexed": ("{type: integer, index: true}", 3),
    "filled": ("{type: text, required: true, default: x}", "y"),
    "link": ("{type: link, to: TARGET}", 1),
    "links": ("{type: links, to: TARGET}", None),
    "computed": ("{type: integer, formula: 1 + 1}", None),
    "live": ("{type: integer, formula: count(d for d in TARGET)}", None),
    "yes": ("{type: boolean}", True),
}
"""A kind of field: how it is written, and a value that a record may hold. TARGET is some entity."""

KINDS = sorted(FIELD_TYPES)
NOT_STORED = ("computed", "live")
CARRIED_OVER = {("text", "long"), ("long", "text"), ("unique", "text"), ("text", "filled")}
"""Changes of a type in which every value stays what it is."""


@dataclass
class DrawnEntity:
    """An entity while it changes; `was` and `stage_was` are the names before the next publish."""

    fields: dict[str, str] = field(default_factory=dict)
    was: dict[str, str] = field(default_factory=dict)
    stages: list[str] = field(default_factory=list)
    stage_was: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    called_before: str | None = None
    target: str = ""


@dataclass
class Drawn:
    """A definition while it changes."""

    entities: dict[str, DrawnEntity] = field(default_factory=dict)
    count: int = 0

    def text(self) -> str:
        """The app as it is written."""
        lines = ["app: crm", "entities:"]
        for name, entity in self.entities.items():
            lines += [f"  {name}:", *([f"    was: {entity.called_before}"] if entity.called_before else [])]
            lines += ["    fields:", "      name: {type: text, required: true}"]
            for each, kind in entity.fields.items():
                written = FIELD_TYPES[kind][0].replace("TARGET", entity.target)
                stated = f", was: {entity.was[each]}}}" if each in entity.was else "}"
                lines.append(f"      {each}: {written[:-1]}{stated}")
            lines += _workflow(entity)
        return "\n".join(lines) + "\n"

    def new_name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def settled(self) -> "Drawn":
        """It without what it was called before, as the next changes begin."""
        entities = {
            name: DrawnEntity(dict(each.fields), stages=list(each.stages), target=each.target)
            for name, each in self.entities.items()
        }
        return Drawn(entities, self.count)


def _workflow(entity: DrawnEntity) -> list[str]:
    if not entity.stages:
        return []
    stages = [
        f"        {each}: {{{f'was: {entity.stage_was[each]}' if each in entity.stage_was else ''}}}"
        for each in entity.stages
    ]
    moved = ", ".join(f"{old}: {new}" for old, new in entity.moved.items())
    first, last = entity.stages[0], entity.stages[-1]
    return [
        "    workflow:",
        "      stages:",
        *stages,
        *([f"      moved_stages: {{{moved}}}"] if moved else []),
        f"      transitions: {{go: {{from: {first}, to: {last}}}}}",
    ]


def first_definition(data: st.DataObject) -> Drawn:
    """Two entities, the second with stages."""
    drawn = Drawn()
    for letter in ("e", "e"):
        drawn.entities[drawn.new_name(letter)] = DrawnEntity()
    first, second = drawn.entities
    drawn.entities[first].target = second
    drawn.entities[second].target = second
    drawn.entities[second].stages = [drawn.new_name("s"), drawn.new_name("s")]
    for entity in drawn.entities.values():
        for _ in range(data.draw(st.integers(1, 3))):
            entity.fields[drawn.new_name("f")] = data.draw(st.sampled_from(KINDS))
    return drawn


def change(data: st.DataObject, before: Drawn) -> Drawn:
    """One to four changes of what was published."""
    drawn = before.settled()
    for _ in range(data.draw(st.integers(1, 4))):
        possible = [each for each in CHANGES if each is not _rename_entity or not _renamed(drawn)]
        data.draw(st.sampled_from(possible))(data, drawn, before)
    return drawn


def _renamed(drawn: Drawn) -> bool:
    return any(each.called_before for each in drawn.entities.values())


def _any(data: st.DataObject, drawn: Drawn) -> tuple[str, DrawnEntity]:
    name = data.draw(st.sampled_from(sorted(drawn.entities)))
    return name, drawn.entities[name]


def _add_field(data: st.DataObject, drawn: Drawn, _before: Drawn) -> None:
    _, entity = _any(data, drawn)
    entity.fields[drawn.new_name("f")] = data.draw(st.sampled_from(KINDS))


def _old_fields(data: st.DataObject, drawn: Drawn, before: Drawn) -> tuple[DrawnEntity, list[str]]:
    name, entity = _any(data, drawn)
    published = before.entities.get(entity.called_before or name)
    known = published.fields if published else {}
    return entity, [each for each in entity.fields if each in known and each not in entity.was]


def _rename_field(data: st.DataObject, drawn: Drawn, before: Drawn) -> None:
    entity, old = _old_fields(data, drawn, before)
    if old:
        name, new = data.draw(st.sampled_from(old)), drawn.new_name("f")
        entity.fields = {new if each == name else each: kind for each, kind in entity.fields.items()}
        entity.was[new] = name


def _remove_field(data: st.DataObject, drawn: Drawn, before: Drawn) -> None:
    entity, old = _old_fields(data, drawn, before)
    if old:
        del entity.fields[data.draw(st.sampled_from(old))]


def _retype_field(data: st.DataObject, drawn: Drawn, before: Drawn) -> None:
    entity, old = _old_fields(data, drawn, before)
    if old:
        # A link leads nowhere when texts are made into it; that has tests of its own.
        kinds = [each for each in KINDS if each not in ("link", "links", "unique")]
        entity.fields[data.draw(st.sampled_from(old))] = data.draw(st.sampled_from(kinds))


def _rename_entity(data: st.DataObject, drawn: Drawn, before: Drawn) -> None:
    name, entity = _any(data, drawn)
    if name not in before.entities:
        return
    new = drawn.new_name("e")
    entity.called_before = name
    drawn.entities = {new if each == name else each: found for each, found in drawn.entities.items()}
    for each in drawn.entities.values():
        each.target = new if each.target == name else each.target


def _add_entity(_data: st.DataObject, drawn: Drawn, _before: Drawn) -> None:
    name = drawn.new_name("e")
    drawn.entities[name] = DrawnEntity({drawn.new_name("f"): "text"}, target=name)


def _remove_entity(data: st.DataObject, drawn: Drawn, _before: Drawn) -> None:
    name, _ = _any(data, drawn)
    led_to = {each.target for other, each in drawn.entities.items() if other != name}
    if name not in led_to and len(drawn.entities) > 1:
        del drawn.entities[name]


def _rename_stage(data: st.DataObject, drawn: Drawn, before: Drawn) -> None:
    name, entity = _any(data, drawn)
    published = before.entities.get(entity.called_before or name)
    old = [each for each in entity.stages if published and each in published.stages]
    if old:
        stage, new = data.draw(st.sampled_from(old)), drawn.new_name("s")
        entity.stages = [new if each == stage else each for each in entity.stages]
        entity.moved = {gone: new if to == stage else to for gone, to in entity.moved.items()}
        entity.stage_was[new] = stage


def _add_stage(data: st.DataObject, drawn: Drawn, _before: Drawn) -> None:
    _, entity = _any(data, drawn)
    entity.stages = [*entity.stages, drawn.new_name("s")] if entity.stages else ["begun", "ended"]


def _remove_stage(data: st.DataObject, drawn: Drawn, before: Drawn) -> None:
    name, entity = _any(data, drawn)
    published = before.entities.get(entity.called_before or name)
    old = [each for each in entity.stages if published and each in published.stages]
    targets = set(entity.moved.values())
    if old and len(entity.stages) > 2 and old[-1] not in targets:
        entity.stages = [each for each in entity.stages if each != old[-1]]
        entity.moved[old[-1]] = entity.stages[0]


CHANGES = (
    _add_field, _rename_field, _remove_field, _retype_field, _rename_entity, _add_entity, _remove_entity,
    _rename_stage, _add_stage, _remove_stage,
)  # fmt: skip


def surviving(before: Drawn, after: Drawn) -> list[tuple[str, str, str, str]]:
    """(entity, field, entity before, field before) whose values have to be what they were."""
    found = []
    for name, entity in after.entities.items():
        old_name = entity.called_before or name
        old = before.entities.get(old_name)
        for each, kind in entity.fields.items() if old else ():
            was = entity.was.get(each, each)
            kind_before = old.fields.get(was) if old else None
            kept = kind == kind_before or (kind_before, kind) in CARRIED_OVER
            if kept and kind not in (*NOT_STORED, "links"):
                found.append((name, each, old_name, was))
        if old:
            found.append((name, "name", old_name, "name"))
    return found


def stage_now(entity: DrawnEntity, stage: str) -> str:
    """Where a record stands that stood in a stage before the change."""
    renamed = {was: now for now, was in entity.stage_was.items()}
    return entity.moved.get(stage, renamed.get(stage, stage))
