"""Everything about one person: as JSON, and as a text that people read."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.access import audit
from engine.access.people import USER
from engine.personal.belongings import belongings
from engine.records.json import to_json
from engine.records.read import get, titles
from engine.text import say
from engine.transaction import Transaction

Data = dict[str, Any]


def export_person(transaction: Transaction, user: int) -> Data:
    """Who it is, `records`: entity → records as JSON, `named_in`: `[{"entity", "field", "id", "title"}]`.

    For administrators; it is noted in the audit.
    """
    found = belongings(transaction, user)
    records = {
        key: [to_json(transaction, key, get(transaction, key, identity)) for identity in sorted(ids)]
        for key, ids in sorted(found.own.items())
    }
    named = []
    for (key, name), ids in sorted(found.named.items()):
        known = titles(transaction, key, ids)
        named += [{"entity": key, "field": name, "id": each, "title": known.get(each)} for each in ids]
    person = records[USER][0]
    audit.record(transaction, "personal_exported", about=USER, identity=user, subject=str(person["username"]))
    return {
        "person": {"id": user, "username": person["username"], "name": person["name"]},
        "made_at": transaction.now.isoformat(),
        "records": records,
        "named_in": named,
    }


def as_text(transaction: Transaction, data: Mapping[str, Any], locale: str) -> str:
    """The same for people: a line for each value, under a heading for each record."""
    return "\n".join(_lines(transaction, data, locale)) + "\n"


def _lines(transaction: Transaction, data: Mapping[str, Any], locale: str) -> Iterator[str]:
    catalog = transaction.catalog
    heading = say("Personal data of {name} ({username})", **_names(data["person"]))
    yield f"# {heading.to(locale)}"
    for key, records in data["records"].items():
        entity = catalog.entity(key)
        for record in records:
            yield f"\n## {entity.definition.label.to(locale)} {record['id']}\n"
            for name, value in record.items():
                if value not in (None, "", []) and name in entity.fields and name != "id":
                    yield f"- {entity.fields[name].definition.label.to(locale)}: {_words(value)}"
    if data["named_in"]:
        yield f"\n## {say('Named in').to(locale)}\n"
        for each in data["named_in"]:
            entity = catalog.entity(each["entity"])
            field = entity.fields[each["field"]].definition.label.to(locale)
            title = each["title"] or ""
            yield f"- {entity.definition.label.to(locale)} {each['id']} {title} ({field})"


def _names(person: Mapping[str, Any]) -> dict[str, str]:
    return {"name": str(person["name"]), "username": str(person["username"])}


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        named = "; ".join(f"{name}: {_words(each)}" for name, each in value.items() if each not in (None, ""))
        return str(value["title"] or f"#{value['id']}") if set(value) == {"id", "title"} else named
    if isinstance(value, list):
        return " | ".join(_words(each) for each in value)
    return str(value)
