"""Records that link to a record: those changed last; of very many the newest, without going through all."""

import pytest

from engine.commands import create_record, update_record
from engine.records import related as module
from engine.records.related import related
from engine.transaction import SYSTEM
from tests.fixtures.workspaces import Publish

SHELVES = """
app: shelves
entities:
  shelf:
    title: name
    fields: {name: {type: text}}
  book:
    title: name
    fields: {name: {type: text}, shelf: {type: link, to: shelf}}
"""


def test_of_few_those_changed_last_come_first_and_of_many_the_newest(
    publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = publish(SHELVES)
    shelf = create_record(workspace, SYSTEM, "shelves.shelf", {"name": "Top"})["id"]
    other = create_record(workspace, SYSTEM, "shelves.shelf", {"name": "Empty"})["id"]
    books = [
        create_record(workspace, SYSTEM, "shelves.book", {"name": str(number), "shelf": shelf})["id"]
        for number in range(7)
    ]
    update_record(workspace, SYSTEM, "shelves.book", books[0], {"name": "zero"})

    def shown(identity: int) -> list[tuple[list[int], int, bool]]:
        with workspace.reading(SYSTEM) as transaction:
            found = related(transaction, "shelves.shelf", identity)
        return [([record["id"] for record in each.records], each.count, each.capped) for each in found]

    assert shown(other) == []
    ((ids, count, capped),) = shown(shelf)
    assert (ids[0], count, capped) == (books[0], 7, False)
    monkeypatch.setattr(module, "COUNTED_AT_MOST", 6)
    assert shown(shelf) == [(books[:1:-1], 6, True)]
