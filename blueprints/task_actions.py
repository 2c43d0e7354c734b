"""The actions of approvals as pages know them: words, icon, what their small form asks for."""

from collections.abc import Mapping
from dataclasses import dataclass

from blueprints import visitor
from engine.text import Message, say


@dataclass(frozen=True, slots=True)
class PageAction:
    """An action: its name in the engine, its words, and what is asked with it.

    `person` asks for one person, `people` for several, `where` before or after, `step` for a step to go back
    to, `form` for the fields of a collection. `done` is said afterwards, `lead` explains it.
    """

    name: str
    label: Message
    icon: str
    done: Message
    lead: Message | None = None
    asks: frozenset[str] = frozenset()
    reason: bool = False
    """Whether the comment is needed."""
    danger: bool = False

    @property
    def words(self) -> str:
        return visitor.translated(self.label.template)


TASK_ACTIONS: Mapping[str, PageAction] = {
    each.name: each
    for each in (
        PageAction("approve", say("Approve"), "check", say("Approved")),
        PageAction("reject", say("Reject"), "x", say("Rejected"), danger=True),
        PageAction("answer", say("Fill in"), "pencil", say("Sent"), asks=frozenset({"form"})),
        PageAction(
            "choose",
            say("Choose who is asked"),
            "users-group",
            say("Chosen"),
            say("Those whom you choose are asked next."),
            frozenset({"people"}),
        ),
        PageAction(
            "return",
            say("Return"),
            "corner-up-left",
            say("Returned"),
            say("It goes back to be improved. When it is sent in again, it comes back to you."),
            frozenset({"step"}),
        ),
        PageAction(
            "transfer",
            say("Transfer"),
            "arrow-right",
            say("Transferred"),
            say("Somebody else decides in your place; you are out."),
            frozenset({"person"}),
        ),
        PageAction(
            "delegate",
            say("Delegate"),
            "user-share",
            say("Delegated"),
            say("Somebody else gives their opinion; then it comes back to you to decide."),
            frozenset({"person"}),
        ),
        PageAction(
            "add_approver",
            say("Add approvers"),
            "user-plus",
            say("Added"),
            say("More people are asked in this step, before or after you."),
            frozenset({"people", "where"}),
        ),
        PageAction("copy", say("Send a copy"), "send", say("Copied"), asks=frozenset({"people"})),
        PageAction(
            "take_back",
            say("Take back my answer"),
            "arrow-back-up",
            say("Taken back"),
            say("You are asked again, as long as nobody has decided after you."),
        ),
        PageAction("remove_approver", say("Remove"), "user-minus", say("Removed")),
        PageAction(
            "reassign",
            say("Reassign"),
            "users",
            say("Reassigned"),
            say("As an administrator you give this task to other people."),
            frozenset({"people"}),
            reason=True,
        ),
    )
}
"""What is done with a task."""

RECORD_ACTIONS: Mapping[str, PageAction] = {
    each.name: each
    for each in (
        PageAction(
            "withdraw",
            say("Withdraw"),
            "arrow-back-up",
            say("Withdrawn"),
            say("Nobody is asked any more, and the record goes back to where it came from."),
            danger=True,
        ),
        PageAction(
            "remind",
            say("Remind"),
            "bell",
            say("Reminded"),
            say("Everybody who is asked at present gets a reminder; once an hour is possible."),
        ),
        PageAction("comment", say("Comment"), "message", say("Commented")),
    )
}
"""What is done with the approval of a record."""

INSTANCE_ACTIONS: Mapping[str, PageAction] = {
    each.name: each
    for each in (
        PageAction(
            "cancel",
            say("Cancel the approval"),
            "ban",
            say("Cancelled"),
            say("As an administrator you end this approval; the record goes back to where it came from."),
            reason=True,
            danger=True,
        ),
        PageAction(
            "jump",
            say("Jump to a step"),
            "arrow-right",
            say("Jumped"),
            say("As an administrator you let it go on at another step; steps in between are passed over."),
            frozenset({"jump"}),
            reason=True,
        ),
        PageAction(
            "migrate",
            say("Move to the current release"),
            "git-merge",
            say("Moved"),
            say("Votes, people and remaining time stay; each active step needs one of the same kind."),
            frozenset({"mapping"}),
            reason=True,
        ),
    )
}
"""What administrators do with an approval."""

action_icons = (
    "check", "x", "pencil", "users-group", "corner-up-left", "arrow-right", "user-share", "user-plus", "send",
    "arrow-back-up", "user-minus", "users", "bell", "message", "ban", "git-merge", "clock", "alert-triangle",
    "checks", "git-branch", "eye", "player-skip-forward", "inbox", "keyboard", "minus", "mail", "gavel",
    "hourglass", "flag", "send-2",
)  # fmt: skip
