"""The definitions of applications as values: what `load` makes of YAML and everything else reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.definition.action import Action
from engine.definition.approval import Approval, Overdue
from engine.definition.figure import Dashboard
from engine.fields.option import Option
from engine.formula.expression import Expression
from engine.problems import Place
from engine.text import Text
from engine.working_time import Wait, WorkingCalendar


@dataclass(frozen=True, slots=True)
class Field:
    """A property of an entity. `options` are the type's own, as its FieldType read them."""

    name: str
    type: str
    label: Text
    place: Place
    help: Text | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    unique: bool = False
    index: bool = False
    read_only: bool = False
    hidden: bool = False
    personal: bool = False
    encrypted: bool = False
    retired: bool = False
    default: Any = None
    """A value of the field's type, or an Expression."""
    formula: Expression | None = None
    blank_stays: bool = False
    show_when: Expression | None = None
    required_when: Expression | None = None
    read_only_when: Expression | None = None
    check: Expression | None = None
    message: Text | None = None
    only: Expression | None = None
    """For links: which records of the other entity may be chosen. Bare names are fields of the record
    that is being edited; the field's own name (`contact.account`) reads the candidate."""
    freeze: str | None = None
    """The stage at which a computed value is stored for good."""
    was: str | None = None
    system: bool = False
    """True for the fields every record has: id, created_at, stage …"""


@dataclass(frozen=True, slots=True)
class Check:
    """A condition that every record fulfils, and what to tell when it does not."""

    name: str
    check: Expression
    message: Text


@dataclass(frozen=True, slots=True)
class Stage:
    """A place where a record can stand. `edit` is None when the entity's own rights decide alone."""

    name: str
    label: Text
    place: Place
    color: str | None = None
    final: bool = False
    freeze: bool = False
    edit: tuple[str, ...] | None = None
    was: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """Further attributes, such as `probability`; `open` (not final) is always among them."""
    due: Wait | None = None
    overdue: Overdue | None = None

    @property
    def option(self) -> Option:
        """The stage as an item of the choice `stage`."""
        return Option(self.name, self.label, self.color, self.was, self.attributes)


@dataclass(frozen=True, slots=True)
class Transition:
    """A move between stages. `by` are principals; `set` maps a field to a value or an Expression."""

    name: str
    label: Text
    place: Place
    sources: tuple[str, ...]
    to: str
    by: tuple[str, ...] = ("everyone",)
    when: Expression | None = None
    message: Text | None = None
    """What to tell when `when` does not hold."""
    required: tuple[str, ...] = ()
    set: Mapping[str, Any] = field(default_factory=dict)
    comment_required: bool = False
    thaw: bool = False
    do: tuple[Action, ...] = ()
    approval: Approval | None = None
    after: Wait | None = None
    """How long a record stands in a stage before the transition happens by itself."""
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """How long a record may stay in a stage: until it is overdue (kind `stage`), or a transition happens."""

    kind: str
    name: str
    """The stage or the transition."""
    wait: Wait


@dataclass(frozen=True, slots=True)
class Workflow:
    """The first stage is the initial one."""

    stages: Mapping[str, Stage]
    transitions: Mapping[str, Transition]
    moved_stages: Mapping[str, str] = field(default_factory=dict)
    """Removed stage → the stage that its records go to when the removal is published."""
    written: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)
    """As it stands in the definition, to be exported so; None for one that was not read from a text."""

    @property
    def initial(self) -> Stage:
        return next(iter(self.stages.values()))

    def limits(self, stage: Stage) -> list[Limit]:
        """What time does to a record in the stage."""
        moves = self.transitions.values()
        found = [
            Limit("transition", each.name, each.after)
            for each in moves
            if each.after and stage.name in each.sources
        ]
        return [*found, Limit("stage", stage.name, stage.due)] if stage.due else found


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a form."""

    name: str
    label: Text | None
    fields: tuple[str, ...]
    columns: int = 2
    show_when: Expression | None = None
    tab: Text | None = None
    """The name of the tab that begins with this section."""


@dataclass(frozen=True, slots=True)
class View:
    """How records are listed. `sort` holds (field, descending); `total` maps a column to a formula text."""

    name: str
    kind: str
    label: Text
    place: Place
    columns: tuple[str, ...]
    sort: tuple[tuple[str, bool], ...] = ()
    filter: Expression | None = None
    totals: Mapping[str, str] = field(default_factory=dict)
    """Column → sum, avg, min, max or count."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What its type needs further, as the type's own options read it; a chart has its Card as `card`."""
    written: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)
    """As it stands in the definition, to be exported so; None for one that was not read from a text."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one role may do: each of True, False or a formula about the record."""

    principal: str
    """`role:crm.sales`, `everyone` …, role names in full."""
    read: bool | Expression = False
    create: bool | Expression = False
    update: bool | Expression = False
    delete: bool | Expression = False
    export: bool | Expression = False


@dataclass(frozen=True, slots=True)
class FieldRule:
    """Who may read or update one field; None leaves it to the record's rules."""

    field: str
    read: tuple[str, ...] | None = None
    update: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Who may do what with records, and with single fields."""

    rules: tuple[Rule, ...] = ()
    fields: Mapping[str, FieldRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Print:
    """A document that is printed of a record; `template` is the text of its Jinja template."""

    name: str
    label: Text
    file: str
    template: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of thing, stored in the table `app__entity`."""

    app: str
    name: str
    label: Text
    place: Place
    title: Expression
    fields: Mapping[str, Field]
    """All fields in order, the declared ones first, then the system's (`field.system`)."""
    label_plural: Text | None = None
    icon: str | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    workflow: Workflow | None = None
    form: tuple[Section, ...] = ()
    """Never empty after loading: without `form:` one section holds all fields."""
    views: Mapping[str, View] = field(default_factory=dict)
    """Never empty after loading: without `views:` one list shows the first fields."""
    access: Access = Access()
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    parent: str | None = None
    """For child rows: the owner's entity in full. A system field named like the owner links to it."""
    tree: str | None = None
    keep_history: bool = True
    hidden: bool = False
    was: str | None = None
    prints: Mapping[str, Print] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"{self.app}.{self.name}"

    @property
    def ruled_by(self) -> str | None:
        """The entity whose rules hold for these child rows; None where they have rules of their own."""
        return None if self.access.rules else self.parent

    @property
    def has_approvals(self) -> bool:
        """Whether a transition has to be approved: people are asked about its records, and may read them."""
        workflow = self.workflow
        return workflow is not None and any(each.approval for each in workflow.transitions.values())

    @property
    def declared(self) -> Iterator[Field]:
        """The fields that the definition names, without the system's own and without retired ones."""
        return (each for each in self.fields.values() if not each.system and not each.retired)


@dataclass(frozen=True, slots=True)
class Role:
    """What people can be; rights are given to roles."""

    app: str
    name: str
    label: Text
    includes: tuple[str, ...] = ()
    """Names in full of the roles whose rights this one has too."""

    @property
    def key(self) -> str:
        return f"{self.app}.{self.name}"


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working time, named so that formulas, waits and due times can mean it."""

    app: str
    name: str
    label: Text
    place: Place
    time: WorkingCalendar

    @property
    def key(self) -> str:
        return f"{self.app}.{self.name}"


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a definition that stands for something else, with its place, for the cross check.

    `kind` is an entry of the table in check_references.py; `entity` is where the name was written, in full.
    """

    kind: str
    name: str
    place: Place
    entity: str = ""
    detail: str = ""
    record: Expression | None = None
    """The formula that leads to the record whose entity knows the name, where `entity` does not."""


@dataclass(frozen=True, slots=True)
class App:
    """One application: its entities and roles, and the texts it was read from (path → text)."""

    name: str
    label: Text
    place: Place
    icon: str | None
    roles: Mapping[str, Role]
    entities: Mapping[str, Entity]
    texts: Mapping[str, str]
    """The YAML files, the app's own first, then its includes, verbatim."""
    overlays: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The overlays that were laid over it, in their order: name → their texts, verbatim."""
    was: str | None = None
    hidden: bool = False
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    """The first one is meant where none is named."""
    dashboards: Mapping[str, Dashboard] = field(default_factory=dict)
    references: tuple[Reference, ...] = field(default=(), compare=False, repr=False)

    @property
    def sources(self) -> dict[str, dict[str, str]]:
        """What a release keeps of it: its own texts and those of each overlay, by name."""
        return {self.name: dict(self.texts), **{name: dict(texts) for name, texts in self.overlays.items()}}
