"""Why a computed field of a record has its value, over HTTP."""

from blueprints.api.answers import Answer
from engine.records.explain import explain, reason_sentence
from engine.transaction import Transaction


def get_explanation(transaction: Transaction, app: str, entity: str, record_id: int, field: str) -> Answer:
    """The formula, each part's value and the records that count, as far as the caller may know them."""
    found = explain(transaction, f"{app}.{entity}", record_id, field)
    reason = found["reason"]
    if reason:
        found["reason"] = {**reason, "sentence": reason_sentence(reason).to(transaction.actor.locale)}
    return Answer(found)
