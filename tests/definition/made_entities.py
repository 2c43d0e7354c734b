"""Entities for property tests: any mix of field types, options, formulas, stages, rules and views."""

from typing import Any

from hypothesis import strategies as st

from engine.definition.terms import COLORS
from engine.fields.registry import FIELD_TYPES

NAMES = st.sampled_from(["alpha", "beta", "gamma_2", "delta", "close_date", "x"])
WORDS = st.one_of(
    st.text("ab 中文é'\"&=:#", min_size=1, max_size=8),
    st.fixed_dictionaries({"en": st.sampled_from(["Deal", "A: b", "= c"]), "zh": st.just("商机")}),
)
FORMULAS = st.sampled_from(["x > 1", 'alpha == "a"', "sum(d.x for d in other)", "if(x, 1, 2)", "true"])
RIGHTS = st.one_of(st.booleans(), FORMULAS)
PRINCIPALS = st.lists(st.sampled_from(["everyone", "role:sales", "alpha.manager"]), unique=True, max_size=3)
ATTRIBUTES = st.one_of(st.booleans(), st.integers(-9, 9), st.sampled_from(["10%", "0.5%", "heavy", "中"]))


def raw_options(name: str) -> list[dict[str, Any]]:
    """Options that the type itself gives as examples."""
    kind = FIELD_TYPES[name]
    found = [dict(each.options) for each in kind.good if each.options]
    return found if kind.required_options else [{}, *found]


def optional(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A mapping with any of these keys."""
    return st.fixed_dictionaries({}, optional=keys)


@st.composite
def made_fields(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(FIELD_TYPES)))
    options = draw(st.sampled_from(raw_options(name)))
    flags = dict.fromkeys(
        ("required", "unique", "index", "read_only", "hidden", "personal", "retire"), st.booleans()
    )
    formulas = dict.fromkeys(
        ("formula", "show_when", "required_when", "read_only_when", "check", "only"), FORMULAS
    )
    common = draw(
        optional(
            label=WORDS,
            help=WORDS,
            message=WORDS,
            default=FORMULAS.map("={}".format),
            freeze=st.sampled_from(["new", "done"]),
            was=NAMES,
            **flags,
            **formulas,
        )
    )
    return {**common, "type": name, **options}


STAGES = optional(
    label=WORDS,
    color=st.sampled_from(COLORS),
    final=st.booleans(),
    freeze=st.booleans(),
    edit=PRINCIPALS,
    was=NAMES,
    weight=ATTRIBUTES,
)
TRANSITIONS = st.builds(
    dict.__or__,
    st.fixed_dictionaries({"from": st.sampled_from([["new"], ["new", "done"], "done"]), "to": NAMES}),
    optional(
        label=WORDS,
        by=PRINCIPALS.filter(bool),
        when=FORMULAS,
        message=WORDS,
        required=st.lists(NAMES, unique=True),
        comment=st.sampled_from(["required", "optional"]),
        thaw=st.booleans(),
    ),
)
SECTIONS = st.builds(
    dict.__or__,
    st.fixed_dictionaries({"label": WORDS, "columns": st.integers(1, 4)}),
    optional(show_when=FORMULAS),
)
VIEWS = st.builds(
    dict.__or__,
    st.just({"type": "list"}),
    optional(
        label=WORDS,
        columns=st.lists(NAMES, unique=True, min_size=1),
        sort=st.just(["-alpha", "x"]),
        filter=FORMULAS,
    ),
)
RULES = optional(read=RIGHTS, create=RIGHTS, update=RIGHTS, delete=RIGHTS, export=RIGHTS)
FIELD_RULES = optional(read=PRINCIPALS, update=PRINCIPALS)


@st.composite
def made_entities(draw: st.DrawFn) -> dict[str, Any]:
    """The definition of an entity as plain data."""
    fields = draw(st.dictionaries(NAMES, made_fields(), min_size=1))
    form = {name: {**draw(SECTIONS), "fields": [name]} for name in draw(st.sets(NAMES))}
    access: dict[str, Any] = draw(
        st.dictionaries(st.sampled_from(["everyone", "role:sales", "alpha"]), RULES)
    )
    if draw(st.booleans()):
        access["fields"] = draw(st.dictionaries(NAMES, FIELD_RULES))
    groups = st.lists(st.lists(NAMES, unique=True, min_size=1), max_size=2)
    workflow = {
        "stages": {"new": draw(STAGES), "done": draw(STAGES)},
        "transitions": draw(st.dictionaries(NAMES, TRANSITIONS, max_size=2)),
    }
    rest = draw(
        optional(
            label=WORDS,
            label_plural=WORDS,
            icon=st.just("star"),
            title=FORMULAS,
            checks=st.dictionaries(NAMES, st.fixed_dictionaries({"check": FORMULAS, "message": WORDS})),
            workflow=st.just(workflow),
            views=st.dictionaries(NAMES, VIEWS, min_size=1),
            unique=groups,
            indexes=groups,
            parent=st.just("shelf"),
            tree=NAMES,
            keep_history=st.booleans(),
            hidden=st.booleans(),
            was=NAMES,
        )
    )
    return {**rest, "fields": fields, "access": access, **({"form": form} if form else {})}
