"""Files that come with a form itself, from pages without scripts: kept first, then named in the form."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from flask import request
from werkzeug.datastructures import FileStorage, MultiDict

from blueprints import visitor
from blueprints.files import kept, kept_with_form
from engine.catalog import CompiledEntity
from engine.files.kept import FileRow
from engine.forms.bind import Bound
from engine.problems import InputRefused
from engine.records.files import rule_of
from engine.text import Message, Text
from engine.transaction import Actor

SUFFIX = "-upload"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """Path → the lines that name what was kept; path → what was not, and why."""

    lines: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, tuple[Message | Text, ...]] = field(default_factory=dict)

    def joined(self, sent: MultiDict[str, str]) -> MultiDict[str, str]:
        """What was sent, with the files that came along."""
        found = MultiDict((name, text) for name, texts in sent.lists() for text in texts)
        for path, lines in self.lines.items():
            for line in lines:
                found.add(path, line)
        return found

    def told(self, bound: Bound) -> Bound:
        """What was read, with the problems of the files."""
        bound.problems.update(self.problems)
        return bound


def uploaded(key: str) -> Uploaded:
    """Keeps the files of the request that belong to fields of files."""
    found = Uploaded()
    if not request.files:
        return found
    with visitor.workspace().reading(visitor.person()) as transaction:
        entity = transaction.catalog.entity(key)
        children = {name: transaction.catalog.entity(child) for name, child in entity.children.items()}
    for name in request.files:
        path = name.removesuffix(SUFFIX)
        owner, field_name = _field(entity, children, path)
        rule = rule_of(owner, field_name) if owner and name.endswith(SUFFIX) else None
        if rule is not None:
            _keep(found, path, partial(kept, rule=rule))
    return found


def uploaded_into(person: Actor, entity: CompiledEntity, fields: Sequence[str]) -> Uploaded:
    """Keeps the files of the request for these fields of the entity, for somebody without an account."""
    found = Uploaded()
    for path in fields:
        rule = rule_of(entity, path)
        _keep(found, path, partial(kept_with_form, rule=rule, person=person))
    return found


def _keep(found: Uploaded, path: str, keep: Callable[[FileStorage], FileRow]) -> None:
    for sent in request.files.getlist(f"{path}{SUFFIX}"):
        if not sent.filename:
            continue
        try:
            row = keep(sent)
        except InputRefused as refused:
            messages = tuple(each.message for each in refused.problems)
            found.problems[path] = (*found.problems.get(path, ()), *messages)
        else:
            found.lines.setdefault(path, []).append(f"{row.id}/{row.name}")


def _field(
    entity: CompiledEntity, children: dict[str, CompiledEntity], path: str
) -> tuple[CompiledEntity | None, str]:
    """The entity and field of a path: `photo`, or `lines-0-photo` of a child row."""
    first, _, rest = path.partition("-")
    return (children.get(first), rest.partition("-")[2]) if rest else (entity, path)
