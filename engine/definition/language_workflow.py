"""The part of the language that is about workflows: stages, transitions, approvals, steps and actions."""

from collections.abc import Mapping

from engine.definition.terms import (
    ATTRIBUTE,
    COLOR,
    FLAG,
    FORMULA,
    IDENTIFIER,
    LABEL,
    NAME,
    NAMES,
    PLAIN_TEXT,
    PRINCIPALS,
    REFERENCE,
    VALUE,
    WAS,
    WORDS,
    JsonSchema,
    Key,
    Thing,
    each,
)
from engine.text import say

LENGTH: JsonSchema = {"type": "string", "minLength": 1}
"""A wait such as `3 days`; its own sentence says what is wrong with one."""
SOME: JsonSchema = {**PRINCIPALS, "minItems": 1}
COUNT: JsonSchema = {"type": "integer", "minimum": 1, "maximum": 1000}
STEPS: JsonSchema = each("step", at_least=1)
RESULTS: JsonSchema = {
    "type": "object",
    "propertyNames": NAME,
    "additionalProperties": FORMULA,
    "minProperties": 1,
}
MOVED: JsonSchema = {"type": "object", "propertyNames": NAME, "additionalProperties": NAME}
VALUES: JsonSchema = {"type": "object", "propertyNames": NAME, "additionalProperties": VALUE}
IF_EMPTY: JsonSchema = {"type": ["string", "array"], "items": PLAIN_TEXT, "minItems": 1, "minLength": 1}
IF_SUBMITTER: JsonSchema = {"enum": ["go_up", "skip", "ask"]}
REPEAT: JsonSchema = {"enum": ["ask", "skip_consecutive", "skip_all"]}
MAY: JsonSchema = {
    "type": "array",
    "items": {"enum": ["transfer", "delegate", "add_approver", "return", "copy"]},
    "uniqueItems": True,
}
OVERDUE = {"$ref": "#/$defs/overdue"}

WORKFLOW_THINGS: Mapping[str, Thing] = {
    "workflow": Thing(
        say("A workflow"),
        {
            "stages": Key(each("stage", at_least=1), "Where a record can stand; it begins in the first one."),
            "transitions": Key(each("transition"), "The moves between stages."),
            "moved_stages": Key(
                MOVED, "Where the records of a removed stage go: `{removed: stage}`, when it is published."
            ),
        },
        ("stages",),
    ),
    "stage": Thing(
        say("A stage"),
        {
            "label": LABEL,
            "color": Key(COLOR, "The colour of its badge."),
            "final": Key(FLAG, "The record is done; `stage.open` is false."),
            "freeze": Key(FLAG, "Entering it stores all computed values for good."),
            "edit": Key(PRINCIPALS, "Who may still edit here: principals; an empty list means nobody."),
            "due": Key(LENGTH, "How long a record should stay here: `14 days`."),
            "overdue": Key(OVERDUE, "What happens when it stays longer."),
            "was": WAS,
        },
        others=ATTRIBUTE,
        may_be_empty=True,
    ),
    "transition": Thing(
        say("A transition"),
        {
            "label": LABEL,
            "from": Key(
                {"type": ["string", "array"], "pattern": IDENTIFIER, "items": NAME, "minItems": 1},
                "The stage, or the list of stages, where it can begin.",
            ),
            "to": Key(NAME, "The stage where it ends."),
            "by": Key(SOME, "Who may do it: principals; everyone when not given, nobody when it is timed."),
            "when": Key(FORMULA, "It is possible only while this holds."),
            "message": Key(WORDS, "What to tell when `when` does not hold."),
            "required": Key(NAMES, "Fields that have to be filled."),
            "set": Key(VALUES, "Values that it writes: a value, or a formula that begins with `=`."),
            "do": Key(
                {"type": "array", "items": {"$ref": "#/$defs/action"}, "minItems": 1},
                "What else happens, in this order and in the same transaction.",
            ),
            "approval": Key({"$ref": "#/$defs/approval"}, "Who has to agree before it happens."),
            "comment": Key({"enum": ["optional", "required"]}, "Whether a comment has to be given."),
            "after": Key(LENGTH, "It happens by itself so long after the record came to a stage of `from`."),
            "at_most": Key(COUNT, "How often it can happen to one record."),
            "thaw": Key(FLAG, "Frozen values become live again."),
        },
        ("from", "to"),
    ),
    "approval": Thing(
        say("An approval"),
        {
            "needed_when": Key(FORMULA, "Without it, or while it holds, the transition has to be approved."),
            "pending": Key(NAME, "The stage in which the record waits; when not given it stays where it is."),
            "rejected": Key(NAME, "The stage after a no; when not given the one where it came from."),
            "returned": Key(NAME, "The stage after it is sent back; when not given where it came from."),
            "withdrawn": Key(NAME, "The stage after it is withdrawn; when not given where it came from."),
            "steps": Key(STEPS, "Who is asked, one step after the other."),
            "may": Key(MAY, "What those who are asked may do besides yes and no; all of it when not given."),
            "withdraw": Key({"$ref": "#/$defs/withdraw"}, "Who may take the request back, and until when."),
            "repeat_approver": Key(REPEAT, "Whether somebody who said yes already is asked again."),
            "if_empty": Key(IF_EMPTY, "administrator, skip, reject or people: when nobody is left to ask."),
            "if_submitter": Key(IF_SUBMITTER, "Who is asked instead of the one who submitted it."),
            "after_return": Key(
                {"enum": ["resume", "start_again"]},
                "Whether it goes on where it was sent back, or begins again.",
            ),
        },
        ("steps",),
    ),
    "withdraw": Thing(
        say("A withdrawal"),
        {
            "by": Key(SOME, "Who may: principals, or `submitter`."),
            "until": Key({"enum": ["first_decision", "last_decision"]}, "How long it is possible."),
        },
    ),
    "step": Thing(
        say("A step"),
        {
            "label": LABEL,
            "when": Key(FORMULA, "The step is skipped unless this holds when its turn comes."),
            "approvers": Key(SOME, "Who is asked."),
            "decide": Key(
                {
                    "anyOf": [
                        {"type": "string", "enum": ["any", "all", "in_order"]},
                        {"$ref": "#/$defs/vote"},
                    ]
                },
                "How answers make a decision: any, all, in_order, or a vote.",
            ),
            "due": Key(LENGTH, "How long they have: `2 days`, `8 working hours`."),
            "overdue": Key(OVERDUE, "What happens when they need longer."),
            "if_empty": Key(IF_EMPTY, "As in the approval, for this step."),
            "if_submitter": Key(IF_SUBMITTER, "As in the approval, for this step."),
            "repeat_approver": Key(REPEAT, "As in the approval, for this step."),
            "may": Key(MAY, "As in the approval, for this step."),
            "choose": Key(
                {"type": "array", "items": {"$ref": "#/$defs/choice"}, "minItems": 1},
                "Branches, of which the first whose condition holds is taken.",
            ),
            "parallel": Key(each("branch", at_least=1), "Branches that run at the same time."),
            "rejections": Key({"enum": ["stop", "wait"]}, "Whether a no in one branch stops the others."),
            "copy_to": Key(SOME, "People who are told and asked nothing."),
            "subflow": Key(
                {"type": "string", "pattern": r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$"},
                "A link of the record and a transition there: `contract.review`.",
            ),
            "collect": Key(REFERENCE, "The entity whose form they fill in."),
            "done_when": Key({"$ref": "#/$defs/enough"}, "How many answers are enough."),
            "result": Key(
                {
                    "type": "object",
                    "propertyNames": NAME,
                    "additionalProperties": FORMULA,
                    "minProperties": 1,
                },
                "Fields of the record that are computed from `answers` when the step is done.",
            ),
            "hide_names_from": Key(SOME, "Who does not learn who answered what: principals."),
        },
    ),
    "choice": Thing(
        say("A branch of a choice"),
        {
            "label": LABEL,
            "when": Key(FORMULA, "The branch is taken when this holds."),
            "otherwise": Key(
                {"anyOf": [{"type": "string", "enum": ["skip"]}, STEPS]},
                "The steps when nothing before holds, or `skip`.",
            ),
            "steps": Key(STEPS, "The steps of the branch."),
        },
    ),
    "branch": Thing(
        say("A branch"),
        {
            "label": LABEL,
            "when": Key(FORMULA, "The branch is left out unless this holds."),
            "steps": Key(STEPS, "The steps of the branch."),
        },
        ("steps",),
    ),
    "vote": Thing(
        say("A vote"),
        {
            "vote": Key(
                {"type": ["string", "number"], "minLength": 1}, "The share of yes that is needed: 60% or 2/3."
            ),
            "quorum": Key(COUNT, "How many must have voted."),
            "weights": Key(PLAIN_TEXT, "A number in child rows that name a person each: `members.share`."),
            "veto": Key(SOME, "Whose no is enough."),
            "tie": Key(PLAIN_TEXT, "Who decides when yes and no weigh the same: a principal."),
        },
        ("vote",),
    ),
    "enough": Thing(
        say("The end of a collection"), {"answers": Key(COUNT, "So many answers.")}, ("answers",)
    ),
    "overdue": Thing(
        say("What happens when time is up"),
        {
            "remind": Key(SOME, "Who is reminded."),
            "every": Key(LENGTH, "How long after the last reminder: `1 day`."),
            "at_most": Key(COUNT, "How many reminders; one when not given."),
            "escalate": Key(SOME, "Who is asked instead after the last reminder."),
        },
    ),
    "action": Thing(
        say("An action"),
        {
            "set": Key(VALUES, "Writes fields of the record."),
            "create": Key({"$ref": "#/$defs/creation"}, "Makes another record."),
            "update": Key({"$ref": "#/$defs/change"}, "Changes a record to which this one leads."),
            "notify": Key({"$ref": "#/$defs/notice"}, "Tells people something."),
            "transition": Key(
                {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": "#/$defs/firing"}]},
                "Fires a transition of this record, or of one to which it leads.",
            ),
        },
    ),
    "creation": Thing(
        say("The creation of a record"),
        {
            "entity": Key(REFERENCE, "What is made."),
            "values": Key(VALUES, "Its values; formulas (`=amount`) are about the record that moves."),
        },
        ("entity",),
    ),
    "change": Thing(
        say("The change of a record"),
        {
            "record": Key(FORMULA, "The record that is changed: a formula that gives a link."),
            "values": Key(VALUES, "Its new values."),
        },
        ("record", "values"),
    ),
    "notice": Thing(
        say("A notification"),
        {
            "to": Key(SOME, "Who is told."),
            "message": Key(WORDS, "What is said; `{{ amount }}` stands for the value of a formula."),
        },
        ("to", "message"),
    ),
    "firing": Thing(
        say("The firing of a transition"),
        {
            "record": Key(FORMULA, "The record that moves: a formula that gives a link."),
            "name": Key(NAME, "The transition."),
        },
        ("name",),
    ),
}
