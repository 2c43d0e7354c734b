"""Edits of definitions: what they do to the text, and that they do nothing else to it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.definition.edit import edit, edited_text, revision_of
from engine.definition.edits import Add, Edit, EditRefused, Move, Remove, Rename, Set, collection
from engine.definition.spans import MappingSpan, outline, read_spans
from engine.definition.things import path_of, thing_at
from engine.problems import DefinitionRefused, Stale

TEXT = """\
# The shop.
app: shop   # its name
label: {en: Shop,   zh: 商店}

entities:
  # ── Orders ──
  order:
    fields:
      name: {type: text, max_length: 20}   # what it is called

      # Two that belong together.
      price:
        type: money
        min: 0
      note: {type: long_text,
             label: "Remarks: all"}
      help: {type: text, help: 'A sentence
        over lines.'}
      long:
        type: text
        help: |
          One
          Two

      size: {type: choice, options: {s: , m, l: {label: Large}}}
    form:
      main: {fields: [name, price]}
      rest:
        fields:
        - note
        -   size   # as it comes
    workflow:
      stages:
        new:
        paid: {final: true}
      transitions: {}

  # ── Customers ──
  customer:
    fields: {name: {type: text}}
"""


def lines_changed(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone and those that came, between the lines that are the same above and below."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    while old and new and old[0] == new[0]:
        del old[0], new[0]
    while old and new and old[-1] == new[-1]:
        del old[-1], new[-1]
    return old, new


def at(path: str, *values: Any, of: type = Set, **more: Any) -> Edit:
    made: Edit = of(path_of(path), *values, **more)
    return made


FIELDS = "entities/order/fields"
CASES: list[tuple[Edit, list[str], list[str]]] = [
    (at("label/en", "Store"), ["label: {en: Shop,   zh: 商店}"], ["label: {en: Store,   zh: 商店}"]),
    (at("app", "store"), ["app: shop   # its name"], ["app: store   # its name"]),
    (at("icon", "basket"), [], ["icon: basket"]),
    (at(f"{FIELDS}/price/min", 5), ["        min: 0"], ["        min: 5"]),
    (at(f"{FIELDS}/price/min", 1.25), ["        min: 0"], ["        min: 1.25"]),
    (at(f"{FIELDS}/price/max", Decimal("9.50")), [], ["        max: 9.50"]),
    (at(f"{FIELDS}/price/required", True), [], ["        required: true"]),
    (at(f"{FIELDS}/price/help", "yes"), [], ['        help: "yes"']),
    (at(f"{FIELDS}/price/help", "a: b"), [], ['        help: "a: b"']),
    (at(f"{FIELDS}/price/default", "=amount * 2"), [], ["        default: =amount * 2"]),
    (at(f"{FIELDS}/price/label/zh", "价格"), [], ["        label: {zh: 价格}"]),
    (
        at(f"{FIELDS}/note/label", 'Two\nlines "so"'),
        ['             label: "Remarks: all"}'],
        ['             label: "Two\\nlines \\"so\\""}'],
    ),
    (
        at(f"{FIELDS}/name/unique", True),
        ["      name: {type: text, max_length: 20}   # what it is called"],
        ["      name: {type: text, max_length: 20, unique: true}   # what it is called"],
    ),
    (
        at(f"{FIELDS}/help/help", "Short"),
        ["      help: {type: text, help: 'A sentence", "        over lines.'}"],
        ["      help: {type: text, help: 'Short'}"],
    ),
    (
        at(f"{FIELDS}/long/help", "Short"),
        ["        help: |", "          One", "          Two"],
        ["        help: Short"],
    ),
    (
        at(f"{FIELDS}/size/options/s", {"color": "red"}),
        ["      size: {type: choice, options: {s: , m, l: {label: Large}}}"],
        ["      size: {type: choice, options: {s: {color: red} , m, l: {label: Large}}}"],
    ),
    (
        at(f"{FIELDS}/size/options/m/color", "red"),
        ["      size: {type: choice, options: {s: , m, l: {label: Large}}}"],
        ["      size: {type: choice, options: {s: , m: {color: red}, l: {label: Large}}}"],
    ),
    (
        at(f"{FIELDS}/size/options/m", of=Remove),
        ["      size: {type: choice, options: {s: , m, l: {label: Large}}}"],
        ["      size: {type: choice, options: {s: , l: {label: Large}}}"],
    ),
    (
        at(f"{FIELDS}/size/options/l", of=Remove),
        ["      size: {type: choice, options: {s: , m, l: {label: Large}}}"],
        ["      size: {type: choice, options: {s: , m}}"],
    ),
    (at("entities/order/workflow/stages/new/color", "red"), ["        new:"], ["        new: {color: red}"]),
    (
        at("entities/order/workflow/transitions/pay", {"from": "new", "to": "paid"}),
        ["      transitions: {}"],
        ["      transitions: {pay: {from: new, to: paid}}"],
    ),
    (
        at("entities/order/form/main/fields/-", "note", of=Add),
        ["      main: {fields: [name, price]}"],
        ["      main: {fields: [name, price, note]}"],
    ),
    (
        at("entities/order/form/main/fields/0", "note", of=Add),
        ["      main: {fields: [name, price]}"],
        ["      main: {fields: [note, name, price]}"],
    ),
    (at("entities/order/form/rest/fields/1", "long", of=Add), [], ["        - long"]),
    (
        at("entities/order/form/rest/fields/1", "long"),
        ["        -   size   # as it comes"],
        ["        -   long   # as it comes"],
    ),
    (
        at("entities/order/form/rest/fields", ["name"]),
        ["        fields:", "        - note", "        -   size   # as it comes"],
        ["        fields: [name]"],
    ),
    (at("entities/order/form/rest/fields/0", of=Remove), ["        - note"], []),
    (
        at("entities/order/form/rest/fields/1", of=Move, before="0"),
        ["        - note", "        -   size   # as it comes"],
        ["        -   size   # as it comes", "        - note"],
    ),
    (
        at("entities/order/form/rest/fields/1", of=Move, to=path_of("entities/order/form/main/fields")),
        [
            "      main: {fields: [name, price]}",
            "      rest:",
            "        fields:",
            "        - note",
            "        -   size   # as it comes",
        ],
        ["      main: {fields: [name, size, price]}", "      rest:", "        fields:", "        - note"],
    ),
    (at(f"{FIELDS}/tax", {"type": "money"}, of=Add, before="note"), [], ["      tax: {type: money}"]),
    (at(f"{FIELDS}/tax", {"type": "money"}, of=Add, before="name"), [], ["      tax: {type: money}"]),
    (
        at(f"{FIELDS}/price", of=Move),
        ["      price:", "        type: money", "        min: 0", *TEXT.splitlines()[14:25]],
        [*TEXT.splitlines()[14:25], "      price:", "        type: money", "        min: 0"],
    ),
    (
        at(f"{FIELDS}/price", of=Remove),
        ["      price:", "        type: money", "        min: 0"],
        [],
    ),
    (
        at(f"{FIELDS}/price", "amount", of=Rename),
        ["      price:", "        type: money", "        min: 0"],
        ["      amount:", "        type: money", "        min: 0", "        was: price"],
    ),
    (
        at(f"{FIELDS}/size/options/m", "middle", of=Rename, was="medium"),
        ["      size: {type: choice, options: {s: , m, l: {label: Large}}}"],
        ["      size: {type: choice, options: {s: , middle: {was: medium}, l: {label: Large}}}"],
    ),
    (
        at("entities/order/form/main", "first", of=Rename),
        ["      main: {fields: [name, price]}"],
        ["      first: {fields: [name, price]}"],
    ),
    (
        at("entities/product", {"fields": {"name": {"type": "text"}}}, of=Add),
        [],
        ["", "  product: {fields: {name: {type: text}}}"],
    ),
    (
        at("entities/order/workflow/stages", {"open": None}),
        ["      stages:", "        new:", "        paid: {final: true}"],
        ["      stages: {open: null}"],
    ),
    (
        at(f"{FIELDS}/name", {"type": "text", "help": "words " * 20}),
        ["      name: {type: text, max_length: 20}   # what it is called"],
        ["      name:   # what it is called", "        type: text", f'        help: "{"words " * 20}"'],
    ),
]


@pytest.mark.parametrize(("change", "gone", "came"), CASES)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_edit_changes_its_own_lines(change: Edit, gone: list[str], came: list[str], newline: str) -> None:
    text = TEXT.replace("\n", newline)
    old, new = lines_changed(text, edited_text("shop.yaml", text, change))
    if newline == "\r\n" and isinstance(getattr(change, "value", None), str) and "\n" in change.value:
        new = [line.replace("\\r", "") for line in new]
    assert "".join(new) == "".join(f"{line}{newline}" for line in came)
    assert "".join(old) == "".join(f"{line}{newline}" for line in gone)


ROOT = Path(__file__).parents[2]


def parts_of(app: str) -> list[tuple[str, str]]:
    """Each key of each entity of a shipped application as a text of its own, as it is written there."""
    lines = (ROOT / f"{app}_app.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    found: list[tuple[str, str]] = []
    entity = ""
    for line in lines[lines.index("entities:\n") + 1 :]:
        stands_at = len(line) - len(line.lstrip(" "))
        if stands_at == 2 and line.strip()[-1:] == ":":
            entity = line
        elif stands_at == 4 and not line.strip().startswith("#"):
            name = f"{app}.{entity.strip()}{line.split(':')[0].strip()}"
            found.append((name, f"app: {app}\nentities:\n{entity}{line}"))
        elif entity and found:
            found[-1] = (found[-1][0], found[-1][1] + line)
    return [each for each in found if each[1].count("\n") > 4]


PARTS = [each for app in ("crm", "hrm") for each in parts_of(app)]


def paths_of(value: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The paths of everything in a tree."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    below = [each for name, part in inside for each in paths_of(part, (*path, str(name)))]
    return [path, *below] if path else below


def own_lines(text: str, path: tuple[str, ...]) -> tuple[int, int]:
    """The first and last line (from 0) of a part, its key included."""
    inside: Any = read_spans(text)
    begin = end = 0
    for name in path:
        if isinstance(inside, MappingSpan):
            number = inside.position(name)
            assert number is not None
            key, part = inside.entries[number]
            begin, end = key.begin, max(key.end, part.end)
        else:
            part = inside.items[int(name)]
            begin, end = part.begin, part.end
        inside = part
    return text.count("\n", 0, begin), text.count("\n", 0, end)


def edits_of(tree: Any, path: tuple[str, ...], value: Any) -> list[Edit]:
    """Every kind of edit of the part at `path`."""
    inside = collection(tree, path[:-1])
    found: list[Edit] = [Set(path, "another text"), Set(path, ["a", "b"]), Set(path, {"to": "x" * 120})]
    if len(path) > 1 or path[0] != "app":
        found.append(Remove(path))
    if isinstance(inside, dict):
        found.append(Rename(path, "another_name"))
    if isinstance(value, (dict, list)):
        found.append(Add((*path, "-"), 1.5))
    return found


@pytest.mark.parametrize(("name", "text"), PARTS, ids=[name for name, _ in PARTS])
def test_every_edit_of_the_shipped_applications_changes_its_own_lines_only(name: str, text: str) -> None:
    """Each part meets one kind of edit; over all parts every kind meets every form of writing."""
    tree = outline(read_spans(text))
    before = text.splitlines()
    for number, path in enumerate(paths_of(tree)):
        value: Any = tree
        for word in path:
            value = value[int(word)] if isinstance(value, list) else value[word]
        begin, end = own_lines(text, path)
        if len(collection(tree, path[:-1])) == 1:
            begin -= 1  # What loses its only part is written as `{}` behind its key.
        kinds = edits_of(tree, path, value)
        each = kinds[number % len(kinds)]
        after = edited_text("x.yaml", text, each).splitlines()
        assert after[:begin] == before[:begin], each
        below = len(before) - end - 1
        assert after[len(after) - below :] == before[end + 1 :], each
        assert len(after) >= begin + below


@pytest.mark.parametrize(("name", "text"), PARTS, ids=[name for name, _ in PARTS])
def test_what_is_added_or_moved_leaves_every_other_line_as_it_is(name: str, text: str) -> None:
    tree = outline(read_spans(text))
    before = text.splitlines()
    for path in paths_of(tree):
        inside = collection(tree, path[:-1])
        if isinstance(inside, list):
            continue
        added = edited_text("x.yaml", text, Add((*path[:-1], "another"), {"type": "text"}, before=path[-1]))
        if added.count("\n") > text.count("\n"):
            came = [number for number, line in enumerate(added.splitlines()) if "another: {type" in line]
            rest = added.splitlines()
            blank = len(rest) - len(before) - 1
            del rest[came[0] - blank : came[0] + 1]
            assert rest == before
            begin, end = own_lines(text, path)
            moved = edited_text("x.yaml", text, Move(path)).splitlines()
            own = before[begin : end + 1]
            others = before[:begin] + before[end + 1 :]
            size = len(own)
            assert any(
                moved[number : number + size] == own and moved[:number] + moved[number + size :] == others
                for number in range(len(moved))
            )
        else:
            assert lines_changed(text, added)[0][1:] == []


SHOP = {
    "shop.yaml": "app: shop\ninclude: [orders.yaml]  # more\n"
    "entities:\n  customer:\n    fields: {name: {type: text}}\n",
    "orders.yaml": "entities:\n  order:\n    title: name\n    fields:\n      name: {type: text}\n",
}


def test_an_edit_lands_in_the_file_that_holds_the_part() -> None:
    done = edit(
        SHOP,
        revision_of(SHOP),
        [
            at("entities/order/fields/price", {"type": "money"}, of=Add),
            at("entities/order/label", "Order"),
        ],
    )
    assert done.changed == ("orders.yaml",)
    assert done.texts["orders.yaml"].endswith(
        "      name: {type: text}\n      price: {type: money}\n    label: Order\n"
    )
    assert done.revision == revision_of(done.texts) != revision_of(SHOP)
    own = edit(SHOP, revision_of(SHOP), [at("icon", "basket"), at("roles/boss", {"label": "Boss"}, of=Add)])
    assert own.changed == ("shop.yaml",)
    assert own.texts["shop.yaml"] == SHOP["shop.yaml"] + "icon: basket\nroles: {boss: {label: Boss}}\n"


def test_a_text_that_was_changed_meanwhile_is_not_edited() -> None:
    seen = revision_of(SHOP)
    changed = {**SHOP, "orders.yaml": SHOP["orders.yaml"] + "# a remark\n"}
    with pytest.raises(Stale, match="was changed since you began"):
        edit(changed, seen, [at("icon", "basket")])


def test_an_edit_that_makes_the_definition_invalid_is_refused_with_the_problems() -> None:
    with pytest.raises(DefinitionRefused) as refused:
        edit(SHOP, revision_of(SHOP), [at("entities/order/title", "nome")])
    assert [str(each) for each in refused.value.problems] == [
        "orders.yaml:3:12: shop.order has no field 'nome'. Did you mean 'name'?"
    ]
    done = edit(SHOP, revision_of(SHOP), [at("entities/order/fields/name", "subject", of=Rename)])
    assert (
        "    title: subject\n    fields:\n      subject: {type: text, was: name}\n"
        in done.texts["orders.yaml"]
    )
    assert done.problems == ()


def test_what_was_wrong_before_can_be_put_right_piece_by_piece() -> None:
    wrong = {
        "a.yaml": "app: a\nentities:\n  b:\n    title: x\n    fields: {n: {type: txt}, m: {type: text}}\n"
    }
    done = edit(wrong, revision_of(wrong), [at("entities/b/fields/n/type", "text")])
    assert [str(each) for each in done.problems] == ["a.yaml:4:12: a.b has no field 'x'."]
    assert edit(done.texts, done.revision, [at("entities/b/title", "n")]).problems == ()


WITH_ALIAS = "app: a\nb: &x {c: 1}\nd: *x\n"
NOT_POSSIBLE = [
    (
        TEXT,
        at(f"{FIELDS}/prise", of=Remove),
        "There is no 'prise' in 'entities/order/fields'. Did you mean 'price'?",
    ),
    (TEXT, at("entitees/order", of=Remove), "There is no 'entitees'. Did you mean 'entities'?"),
    (TEXT, at("app/name", 1), "'app' holds a single value; nothing can stand inside it."),
    (TEXT, at("app/name", of=Remove), "'app' holds a single value; nothing can stand inside it."),
    (TEXT, at(f"{FIELDS}/price", "note", of=Rename), "There is already something called 'note' beside it."),
    (TEXT, at(f"{FIELDS}/price", {}, of=Add), "There is already something called 'price' beside it."),
    (
        TEXT,
        at("entities/order/form/main/fields/7", of=Remove),
        "There is no '7' in 'entities/order/form/main/fields'.",
    ),
    (
        TEXT,
        at("entities/order/form/main/fields/0", "x", of=Rename),
        "'name' is an item of a list and cannot be renamed there.",
    ),
    (TEXT, at("", 1), "The path is empty: say which part is meant."),
    ("app: a\n", at("app", of=Remove), "Without 'app' nothing would be left."),
    (WITH_ALIAS, at("d/c", 2), "'d' holds a single value"),
    (WITH_ALIAS, at("b", of=Remove), "'b' is written in a way that cannot be edited"),
]


@pytest.mark.parametrize(("text", "change", "sentence"), NOT_POSSIBLE)
def test_what_is_not_possible_is_told_in_a_sentence(text: str, change: Edit, sentence: str) -> None:
    with pytest.raises(EditRefused) as refused:
        edited_text("shop.yaml", text, change)
    assert str(refused.value.message).startswith(sentence)


def test_an_app_is_renamed_and_renamed_back() -> None:
    renamed = edited_text("shop.yaml", TEXT, Rename((), "store"))
    assert lines_changed(TEXT, renamed)[1][0] == "app: store   # its name\n"
    assert renamed.endswith("was: shop\n")
    assert edited_text("shop.yaml", renamed, Rename((), "shop")) == TEXT


def test_a_text_without_a_last_line_break_or_with_a_byte_order_mark() -> None:
    assert edited_text("a.yaml", "\ufeffapp: a", at("icon", "x")) == "\ufeffapp: a\nicon: x\n"
    assert edited_text("a.yaml", "\ufeffapp: a\nicon: x", at("app", of=Remove)) == "\ufefficon: x"
    assert edited_text("a.yaml", "a: 1\nb: 2", at("b", of=Move, before="a")) == "b: 2\na: 1\n"


def test_a_file_that_cannot_be_read_is_refused_with_its_problem() -> None:
    with pytest.raises(DefinitionRefused, match="is missing in the list"):
        edited_text("a.yaml", "app: [a\n", at("icon", "x"))


@pytest.mark.parametrize(
    ("path", "thing"),
    [
        ("entities/deal", "entity"),
        ("entities/deal/fields/amount", "field"),
        ("entities/deal/fields/amount/max", None),
        ("entities/deal/fields/kind/options/a", "option"),
        ("entities/deal/workflow", "workflow"),
        ("entities/deal/workflow/stages/new", "stage"),
        ("entities/deal/access", "access"),
        ("entities/deal/access/role:sales", "rule"),
        ("entities/deal/access/fields/amount", "field_rule"),
        ("roles/sales", "role"),
        ("entities", None),
        ("", "app"),
    ],
)
def test_the_thing_at_a_path(path: str, thing: str | None) -> None:
    assert thing_at(path_of(path)) == thing


def test_an_overlay_is_edited_beside_its_app() -> None:
    overlay = {"acme.yaml": "app: acme\nextends: shop\n"}
    done = edit(overlay, revision_of(overlay), [at("entities/order/fields/name/max_length", 5)], [SHOP])
    assert done.texts["acme.yaml"] == (
        "app: acme\nextends: shop\nentities: {order: {fields: {name: {max_length: 5}}}}\n"
    )
    with pytest.raises(DefinitionRefused, match="has no field 'nome'"):
        edit(overlay, revision_of(overlay), [at("entities/order/fields/nome/max_length", 5)], [SHOP])
