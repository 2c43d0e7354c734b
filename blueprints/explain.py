"""The page that says how a computed value comes about; scripts show it as a dialog over the record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, render_template, url_for
from markupsafe import Markup

from blueprints import visitor
from blueprints.again import reading
from blueprints.explained_values import exact_number, label_of, shown
from blueprints.navigation import plural
from blueprints.values import entity_url, inside, label, number
from engine.catalog import CompiledEntity
from engine.records.explain import explain, reason_sentence
from engine.records.read import titles
from engine.transaction import Transaction

blueprint = Blueprint("explain", __name__)

SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
LONGEST_SENTENCE = 160


@blueprint.get("/<app>/<entity>/<int:identity>/explain/<field>", endpoint="show")
def show_explanation(app: str, entity: str, identity: int, field: str) -> Response:
    """How a value comes about, for the visitor."""
    key = f"{app}.{entity}"
    with reading() as transaction:
        found = explain(transaction, key, identity, field)
        compiled = transaction.catalog.entity(key)
        page = _Page(transaction, compiled, identity)
        return make_response(render_template("explain.html", **page.context(found)))


@dataclass(frozen=True, slots=True)
class _Page:
    """The words of one explanation."""

    transaction: Transaction
    entity: CompiledEntity
    identity: int

    def context(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """What the template explain.html shows."""
        key, part = self.entity.key, found["part"]
        each = self.entity.fields[found["field"]]
        name = label(each.definition.label)
        title = titles(self.transaction, key, [self.identity]).get(self.identity) or f"#{self.identity}"
        value = shown(self.transaction, [key, each.name], found, self._title(part)) or visitor.translated(
            "blank"
        )
        words = self.words(part) if part else ""
        reason = found["reason"]
        return {
            "label": name,
            "title": title,
            "app_label": label(self.transaction.catalog.apps[self.entity.definition.app].label),
            "plural": plural(self.entity, visitor.locale()),
            "list_url": entity_url(key),
            "record_url": entity_url(key, self.identity),
            "value": value,
            "sentence": words if len(words) <= LONGEST_SENTENCE else "",
            "origin": self._origin(found),
            "reason": reason_sentence(reason).to(visitor.locale()) if reason else "",
            "block": self.block(part) if part else None,
            "rounding": [
                {"before": exact_number(step["before"]), "after": exact_number(step["after"])}
                for step in found["rounding"]
            ],
            "formula": found["formula"],
        }

    def _title(self, part: Mapping[str, Any] | None) -> str:
        return str((part or {}).get("title", ""))

    def _origin(self, found: Mapping[str, Any]) -> str:
        if found["stage"] is None:
            return visitor.translated("Computed just now, by release {release}.", release=found["release"])
        workflow = self.entity.definition.workflow
        stage = workflow.stages.get(found["stage"]) if workflow else None
        return visitor.translated(
            "Stored for good at the stage {stage}, computed by release {release}.",
            stage=label(stage.label) if stage else found["stage"],
            release=found["release"],
        )

    def block(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """What stands below a value: its parts as lines, and the records that count."""
        below = part.get("parts", ())
        if part["role"] == "rounding" and len(below) == 1:
            return self.block(below[0])
        records = self.records(part["records"]) if "records" in part else None
        return {"rows": [self.row(each) for each in below], "records": records}

    def row(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """One line: how the part stands in the whole, what it is called, its value."""
        named = part["role"] in {"field", "path", "constant"}
        words = self.words(part)
        inner = self.block(part) if not named and part.get("parts") else None
        records = self.records(part["records"]) if "records" in part and not part.get("parts") else None
        reason = part.get("reason")
        return {
            "sign": SIGNS.get(part.get("operator", ""), ""),
            "label": words if 0 < len(words) <= LONGEST_SENTENCE else None,
            "text": part["text"],
            "hidden": part.get("hidden", False),
            "constant": part["role"] == "constant",
            "value": shown(self.transaction, part.get("field"), part, self._title(part)),
            "url": self._opens(part.get("opens")),
            "block": inner or ({"rows": [], "records": records} if records else None),
            "reason": reason_sentence(reason).to(visitor.locale()) if reason else "",
        }

    def _opens(self, target: Mapping[str, Any] | None) -> str | None:
        if target is None:
            return None
        app, _, entity = target["entity"].partition(".")
        identity = target["id"] or self.identity
        return url_for("explain.show", app=app, entity=entity, identity=identity, field=target["field"])

    def records(self, records: Mapping[str, Any]) -> dict[str, Any]:
        """The records that count: those that may be seen as links, the others as a number."""
        entity = self.transaction.catalog.entities.get(records["entity"])
        lines = [
            {
                "title": each["title"] or f"#{each['id']}",
                "url": entity_url(records["entity"], each["id"]) if entity else None,
                "value": self._contributed(records, each.get("value")),
            }
            for each in records["listed"]
        ]
        hidden, further = records["hidden"], records["further"]
        unseen = visitor.translated("{count} more that you may not see", count=number(hidden["count"]))
        unnamed = visitor.translated("{count} further ones", count=number(further["count"]))
        others = [
            {"words": words, "value": self._contributed(records, each.get("total"))}
            for words, each in ((unseen, hidden), (unnamed, further))
            if each["count"]
        ]
        called = plural(entity, visitor.locale()) if entity else records["entity"]
        heading = visitor.translated(
            "{records} that count: {count}", records=called, count=number(records["count"])
        )
        return {"heading": heading, "lines": lines, "others": others}

    def _contributed(self, records: Mapping[str, Any], value: Any) -> Markup:
        return shown(self.transaction, records["field"], {"kind": records["kind"], "value": value})

    def words(self, part: Mapping[str, Any]) -> str:
        """“Sales won × Commission rate, rounded to 2 decimals”; an empty text where there are no words."""
        below: Sequence[Mapping[str, Any]] = part.get("parts", ())
        match part["role"]:
            case "constant":
                return str(part["text"])
            case "field" | "path":
                return label_of(self.transaction, self.entity, part["text"])
            case "sum" | "product":
                said = [(SIGNS.get(each.get("operator", ""), ""), self._operand(each)) for each in below]
                return " ".join(map(" ".join, said)).strip() if all(words for _, words in said) else ""
            case "rounding" if below and (inner := self.words(below[0])):
                return visitor.translated(
                    "{value}, rounded to {decimals} decimals", value=inner, decimals=part["decimals"]
                )
            case "set" if part["function"] in {"sum", "count", "bracket"}:
                return self._collected(part["function"], part["records"])
            case _:
                return ""

    def _collected(self, function: str, records: Mapping[str, Any]) -> str:
        entity = self.transaction.catalog.entities.get(records["entity"])
        called = inside(plural(entity, visitor.locale())) if entity else records["entity"]
        if function == "count":
            return visitor.translated("the number of {records}", records=called)
        count = number(records["count"])
        return visitor.translated("the sum over {count} {records}", records=called, count=count)

    def _operand(self, part: Mapping[str, Any]) -> str:
        words = self.words(part)
        return f"({words})" if words and part["role"] in {"sum", "product", "rounding"} else words
