"""Who shares what is prepared for somebody's rights: everybody with the same roles, but nobody by name."""

from engine.access.field_policy import readable
from engine.access.policy import rights_key
from engine.workspace import Workspace
from tests.fixtures.workspaces import Publish, person

NOTES = """
app: notes
roles:
  writer: {}
entities:
  note:
    title: name
    fields:
      name: {type: text}
      secret: {type: text}
    access:
      role:writer: {read: true}
      fields:
        secret: {read: ["user:ann"]}
"""


def test_only_named_people_have_keys_of_their_own(publish: Publish) -> None:
    workspace: Workspace = publish(NOTES)
    keys, shown = {}, {}
    for name in ("ann", "bob", "cem"):
        with workspace.reading(person(workspace, name, "notes.writer")) as transaction:
            keys[name] = rights_key(transaction)
            note = transaction.catalog.entity("notes.note")
            shown[name] = "secret" in readable(transaction, note)
    assert keys["bob"] == keys["cem"] != keys["ann"]
    assert shown == {"ann": True, "bob": False, "cem": False}
