"""What somebody may see of a breakdown: parts and records follow the reader's rights, not its author's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, FromClause, bindparam, false, select, true

from engine.access.field_policy import field_conditions, readable
from engine.access.policy import rights_key, row_condition, visible
from engine.catalog import CompiledEntity
from engine.formula.compile_sql import moment_parameters
from engine.records.described import Breakdown
from engine.records.read import titles
from engine.records.select import Narrowing, record_statement
from engine.transaction import Transaction

TOTALS = frozenset({"sum", "count", "count_distinct", "avg", "bracket"})
"""Set functions whose value is that of all records together; the others give away a single one."""
SHOWN = ("text", "at", "role", "operator", "function", "kind", "decimals", "field", "entity")
NUMBERS = frozenset({"integer", "decimal", "money"})


@dataclass(frozen=True, slots=True)
class ShownParts:
    """The parts of a breakdown for one reader. `fields` are those of the record that the reader may read."""

    transaction: Transaction
    entity: CompiledEntity
    fields: frozenset[str]

    def part(self, found: Breakdown, root: bool = False) -> Breakdown:
        """A part with what may be seen of it; `hidden` says that its value may not.

        The value of the whole (`root`) is that of the field, which may be read.
        """
        shown = {name: found[name] for name in SHOWN if name in found}
        parts = [self.part(each) for each in found.get("parts", ())]
        records = self._records(found) if "records" in found else None
        shown |= {"parts": parts} if parts else {}
        shown |= {"records": records} if records else {}
        if not root and self._hidden(found, parts, records):
            return {**shown, "hidden": True}
        value = found.get("value")
        if found["role"] != "constant":
            shown["value"] = value
        target = str(found.get("entity"))
        if found.get("kind") == "link" and value is not None and target in self.transaction.catalog.entities:
            named = titles(self.transaction, target, [value])
            shown["title"] = named.get(value, f"#{value}")
        shown |= self._opens(found)
        reason = _reason(shown)
        return {**shown, "reason": reason} if reason else shown

    def _hidden(self, found: Breakdown, parts: Sequence[Breakdown], records: Breakdown | None) -> bool:
        if records is not None:
            left_out = records["hidden"]["count"] or records["further"]["count"]
            return bool(left_out and found["function"] not in TOTALS)
        return (
            not set(found.get("own", ())) <= self.fields
            or any(each.get("hidden") for each in parts)
            or not all(self._reads(*each) for each in found.get("through", ()))
        )

    def _reads(self, key: str, name: str, identity: int | None) -> bool:
        """Whether the reader may read a field of another record."""
        if identity is None:
            return True
        entity = self.transaction.catalog.entities.get(key)
        if entity is None or name not in entity.fields:
            return False
        statement = self.transaction.catalog.once(
            ("explain", key, name, rights_key(self.transaction)),
            lambda: record_statement(
                self.transaction,
                entity,
                Narrowing(early=lambda _sources, source: [source.c.id == bindparam("identity")]),
                frozenset({name}),
            ),
        )
        parameters = {**moment_parameters(self.transaction.moment), "identity": identity}
        rows = statement.rows(self.transaction, parameters)
        return bool(rows) and name in statement.record(rows[0])

    def _opens(self, found: Breakdown) -> Breakdown:
        """The computed field that a part is, which can be explained in turn."""
        if "field" not in found or found["role"] not in {"field", "path"}:
            return {}
        key, name = found["field"]
        entity = self.transaction.catalog.entities.get(key)
        if entity is None or name not in entity.fields or entity.fields[name].formula is None:
            return {}
        through = found.get("through")
        return {"opens": {"entity": key, "field": name, "id": through[0][2] if through else None}}

    def _records(self, found: Breakdown) -> Breakdown:
        """The records of a set function: those that may be seen, and how many others, with their total."""
        records = found["records"]
        listed = records["listed"]
        visible_ids = self._seen(records["entity"], records["reads"], [each["id"] for each in listed])
        hidden = [each for each in listed if each["id"] not in visible_ids]
        summed = found["function"] == "sum" and records["kind"] in NUMBERS
        further: Breakdown = {"count": records["count"] - len(listed)}
        if summed and further["count"]:
            further["total"] = str(Decimal(found.get("value") or 0) - _total(listed))
        without: Breakdown = {"count": len(hidden)}
        if (
            records["kind"] in NUMBERS
            and found["function"] in TOTALS
            and any("value" in each for each in hidden)
        ):
            without["total"] = str(_total(hidden))
        return {
            **{name: records[name] for name in ("entity", "kind", "decimals", "field", "count")},
            "listed": [each for each in listed if each["id"] in visible_ids],
            "hidden": without,
            "further": further,
        }

    def _seen(self, key: str, reads: Sequence[Sequence[str]], identities: Sequence[int]) -> frozenset[int]:
        """Which of the records may be seen, with all that decides about them."""
        transaction = self.transaction
        entity = transaction.catalog.entities.get(key)
        if entity is None or not identities:
            return frozenset()
        source = entity.table.alias()
        conditions = [source.c.id.in_(identities), visible(transaction, key, source)]
        conditions += [self._readable(entity, source, *each) for each in reads]
        found = transaction.connection.execute(
            select(source.c.id).where(*conditions), moment_parameters(transaction.moment)
        )
        return frozenset(found.scalars())

    def _readable(
        self, entity: CompiledEntity, source: FromClause, key: str, name: str
    ) -> ColumnElement[bool]:
        """The condition under which a field that decides about a record may be read."""
        transaction = self.transaction
        if key == entity.key:
            if name in readable(transaction, entity):
                return true()
            return field_conditions(transaction, "read", entity, source).get(name, false())
        other = transaction.catalog.entities.get(key)
        if other is None or name not in readable(transaction, other):
            return false()
        # Which of those records may be seen differs: then nothing that depends on them is shown.
        return true() if row_condition(transaction, "read", other) is true() else false()


def same_number(one: Any, other: Any) -> bool:
    """Whether two numbers are equal, however they are written."""
    return Decimal(one) == Decimal(other)


def _total(listed: Sequence[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(each.get("value") or 0) for each in listed), Decimal(0))


def _reason(part: Breakdown) -> Breakdown | None:
    """Why a part is blank, where the part itself is the cause."""
    if part["role"] == "constant" or part.get("value") is not None:
        return None
    if part["role"] == "product":
        for each in part.get("parts", ()):
            if each.get("operator") == "/" and not each.get("hidden"):
                divisor = each["text"].rstrip("%") if each["role"] == "constant" else each.get("value")
                if divisor is None or same_number(divisor, 0):
                    code = "division_by_blank" if divisor is None else "division_by_zero"
                    return {"code": code, "part": each["text"]}
    if part["role"] in {"field", "path"}:
        return {"code": "blank", "part": part["text"]}
    if part["role"] == "set" and not part["records"]["count"]:
        return {"code": "no_records", "part": part["text"]}
    return None
