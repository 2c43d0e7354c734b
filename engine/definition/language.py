"""The whole definition language as one table: what things there are, the keys of each, and what a key holds.

The JSON Schema, the check of a file's shape, its sentences and the tests of the reference page all read this
table. The keys that belong to one type of field come from the field types themselves.
"""

from collections.abc import Mapping

from engine.definition.language_views import VIEW_THINGS
from engine.definition.language_workflow import WORKFLOW_THINGS
from engine.definition.terms import (
    ATTRIBUTE,
    COLOR,
    COLUMN_LISTS,
    DAYS_OR_FILE,
    FLAG,
    FORMULA,
    HIDDEN,
    HOURS,
    ICON,
    LABEL,
    LIST_OF_DAYS,
    NAME,
    NAMES,
    PLAIN_TEXT,
    PRINCIPALS,
    REFERENCE,
    RIGHT,
    VALUE,
    WAS,
    WEEKDAYS,
    WORDS,
    JsonSchema,
    Key,
    Thing,
    each,
)
from engine.text import say

THINGS: Mapping[str, Thing] = {
    "app": Thing(
        say("An app"),
        {
            "app": Key(NAME, "The name of the app; it begins the names of its tables."),
            "label": LABEL,
            "icon": ICON,
            "was": WAS,
            "hidden": HIDDEN,
            "include": Key(
                {"type": "array", "items": PLAIN_TEXT}, "Further files of the same app, beside this one."
            ),
            "extends": Key(NAME, "The app that this file adds to, changes and hides parts of: an overlay."),
            "roles": Key(each("role"), "What people can be; rights are given to roles."),
            "entities": Key(each("entity"), "The kinds of things that are recorded."),
            "calendars": Key(each("calendar"), "Working time: its hours, holidays and make-up days."),
            "dashboards": Key(each("dashboard"), "Pages of figures and charts."),
        },
        ("app",),
        {
            "automations": say("automations"),
            "examples": say("executable examples"),
        },
    ),
    "part": Thing(
        say("An included file"),
        {
            "include": Key({"type": "array", "items": PLAIN_TEXT}, "Further files of the same app."),
            "roles": Key(each("role"), "Further roles."),
            "entities": Key(each("entity"), "Further entities."),
            "calendars": Key(each("calendar"), "Further calendars."),
            "dashboards": Key(each("dashboard"), "Further dashboards."),
        },
        (),
        {
            "automations": say("automations"),
            "examples": say("executable examples"),
        },
    ),
    "calendar": Thing(
        say("A calendar"),
        {
            "label": LABEL,
            "week": Key(
                {
                    "type": "object",
                    "minProperties": 1,
                    "propertyNames": {"pattern": WEEKDAYS},
                    "additionalProperties": {
                        "type": "array",
                        "minItems": 1,
                        "items": {"type": "string", "pattern": HOURS},
                    },
                },
                'The hours of the days that are worked: `mon-fri: ["09:00-12:00", "13:00-18:00"]`.',
            ),
            "holidays": Key(
                {
                    "type": ["string", "array"],
                    "pattern": DAYS_OR_FILE,
                    "items": {"type": "string", "pattern": DAYS_OR_FILE},
                },
                "Days that are not worked, or files beside this one that list them.",
            ),
            "working": Key(LIST_OF_DAYS, "Make-up days: worked although their day of the week is not."),
        },
        ("week",),
    ),
    "holiday_list": Thing(
        say("A list of holidays"),
        {
            "label": LABEL,
            "source": Key(PLAIN_TEXT, "Who published them, and when."),
            "holidays": Key(each("holiday", at_least=1), "The holidays by name."),
        },
        ("holidays",),
    ),
    "holiday": Thing(
        say("A holiday"),
        {
            "label": LABEL,
            "days": Key({**LIST_OF_DAYS, "minItems": 1}, "The days that are not worked."),
            "working": Key(LIST_OF_DAYS, "The days that are worked instead."),
        },
        ("days",),
    ),
    "role": Thing(
        say("A role"),
        {
            "label": LABEL,
            "includes": Key({"type": "array", "items": REFERENCE}, "Roles whose rights this one has too."),
        },
        may_be_empty=True,
    ),
    "entity": Thing(
        say("An entity"),
        {
            "label": LABEL,
            "label_plural": Key(WORDS, "What many of them are called."),
            "icon": ICON,
            "title": Key(FORMULA, "The field or formula that names a record; without it the first field."),
            "fields": Key(each("field"), "The properties of a record, in their order."),
            "schema": Key(
                {"type": ["object", "string"], "minLength": 1},
                "A JSON Schema, or a file beside this one that holds one; `fields` wins over it.",
            ),
            "checks": Key(each("check"), "Conditions that every record fulfils."),
            "workflow": Key(
                {"$ref": "#/$defs/workflow"}, "The stages of a record and the moves between them."
            ),
            "form": Key(
                each("section", at_least=1), "The sections of the form; without it one with all fields."
            ),
            "views": Key(each("view", at_least=1), "The ways records are listed; without it one list."),
            "access": Key({"$ref": "#/$defs/access"}, "Who may do what; without it only administrators may."),
            "unique": Key(COLUMN_LISTS, "Groups of fields whose values together occur once."),
            "indexes": Key(COLUMN_LISTS, "Groups of fields by which records are often searched."),
            "parent": Key(REFERENCE, "The entity that owns these records as child rows."),
            "tree": Key(NAME, "A link to the same entity that makes a hierarchy."),
            "keep_history": Key(FLAG, "Whether changes are kept (true when not given)."),
            "print": Key(
                {
                    "type": "object",
                    "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
                    "additionalProperties": {
                        "type": ["string", "object"],
                        "minLength": 1,
                        "properties": {"template": PLAIN_TEXT, "label": WORDS},
                        "required": ["template"],
                        "additionalProperties": False,
                    },
                },
                "Documents that are printed of a record: a name and a Jinja template, a file beside this.",
            ),
            "hidden": HIDDEN,
            "was": WAS,
        },
        (),
    ),
    "field": Thing(
        say("A field"),
        {
            "type": Key({"type": "string"}, "What the field holds."),
            "label": LABEL,
            "help": Key(WORDS, "A sentence shown beneath the field."),
            "required": Key(FLAG, "It may not be blank."),
            "unique": Key(FLAG, "No two records have the same value."),
            "index": Key(FLAG, "Records are often searched by it."),
            "read_only": Key(FLAG, "People do not edit it; transitions may set it."),
            "hidden": HIDDEN,
            "personal": Key(FLAG, "It holds personal data."),
            "encrypted": Key(FLAG, "Its values are kept encrypted."),
            "retire": Key(FLAG, "Out of use; its data is kept."),
            "default": Key(VALUE, "The first value: a value, or a formula that begins with `=`."),
            "formula": Key(FORMULA, "The value is computed, nobody enters it."),
            "show_when": Key(FORMULA, "The field is shown only while this holds."),
            "required_when": Key(FORMULA, "It may not be blank while this holds."),
            "read_only_when": Key(FORMULA, "It cannot be edited while this holds."),
            "check": Key(FORMULA, "A condition that its value fulfils."),
            "message": Key(WORDS, "What to tell when `check` does not hold."),
            "only": Key(FORMULA, "Which records may be chosen; the field's own name is the candidate."),
            "blank": Key({"enum": ["zero", "stays"]}, "What a blank is in arithmetic: 0, or still blank."),
            "freeze": Key(NAME, "The stage at which a computed value is stored for good."),
            "was": WAS,
        },
        ("type",),
    ),
    "option": Thing(
        say("An option"),
        {"label": LABEL, "color": Key(COLOR, "The colour of its badge."), "was": WAS},
        others=ATTRIBUTE,
        may_be_empty=True,
    ),
    "check": Thing(
        say("A check"),
        {
            "check": Key(FORMULA, "The condition."),
            "message": Key(WORDS, "What to tell when it does not hold."),
        },
        ("check", "message"),
    ),
    **WORKFLOW_THINGS,
    "section": Thing(
        say("A section of a form"),
        {
            "label": LABEL,
            "columns": Key(
                {"type": "integer", "minimum": 1, "maximum": 4}, "In how many columns (2 when not given)."
            ),
            "fields": Key({**NAMES, "minItems": 1}, "Its fields, in their order."),
            "show_when": Key(FORMULA, "The section is shown only while this holds."),
            "tab": Key(
                WORDS,
                "With this section a tab of this name begins; it lasts until the next one begins.",
            ),
        },
        ("fields",),
    ),
    **VIEW_THINGS,
    "access": Thing(
        say("An access rule list"),
        {
            "fields": Key(
                {
                    "type": "object",
                    "propertyNames": NAME,
                    "additionalProperties": {"$ref": "#/$defs/field_rule"},
                },
                "Narrower rights for single fields.",
            )
        },
        others={"$ref": "#/$defs/rule"},
    ),
    "rule": Thing(
        say("An access rule"),
        {
            name: Key(RIGHT, f"Whether records may be {done}: true, false or a formula about the record.")
            for name, done in (
                ("read", "read"),
                ("create", "created"),
                ("update", "changed"),
                ("delete", "deleted"),
                ("export", "exported"),
            )
        },
    ),
    "field_rule": Thing(
        say("An access rule of a field"),
        {
            "read": Key(PRINCIPALS, "Who may read it: principals."),
            "update": Key(PRINCIPALS, "Who may change it: principals."),
        },
    ),
}

LATER_PRINCIPALS = (
    "group",
    "department_head",
    "manager",
    "managers",
    "chosen_by",
    "previous_approver_chooses",
)
REFINED_OPTIONS: Mapping[str, JsonSchema] = {
    "options": {
        "type": ["array", "object"],
        "items": {"type": "string"},
        "additionalProperties": {"$ref": "#/$defs/option"},
    }
}
"""Options of field types of which the language says more than the type itself."""
REFERENCE_OPTIONS = ("to", "of")
"""Options of field types that name an entity."""
