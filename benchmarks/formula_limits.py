"""How long the slowest formulas take to be parsed and checked: made to be slow, and random texts.

Any text within the limits of the language is to become a formula or a problem in under 50 ms. What hypothesis
makes is a text of the language's own words and signs, or any text at all.
Usage: python benchmarks/formula_limits.py [--texts N]
"""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.formula.check import check_formula
from engine.formula.expression import Expression
from engine.formula.functions.table import PUBLISHED
from engine.formula.world import Scope, World
from engine.problems import DefinitionRefused, Place
from tests.formula.conftest import ENTITIES, LIVE

LIMIT = 4_000
SLOW = 0.02
WORLD = World(entities=ENTITIES, live=frozenset(LIVE), parents={"crm.deal_line": "deal"})
SCOPE = Scope("crm", "crm.deal", changes=True)
WORDS = (
    *PUBLISHED, "amount", "owner", "name", "stage", "lines", "won_on", "d", "deal", "for", "in", "if", "else",
    "and", "or", "not", "blank", "user", "crm", "hrm", "rate", "10%", "0.5", "7", '"won"', "'x'", "(", ")",
    "[", "]", ",", ".", "+", "-", "*", "/", "**", "%", "&", "=", "==", "<>", "<=", "<", "!", ":", "^",
    "\n", " ",
)  # fmt: skip


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--texts", type=int, default=5_000)
    given_ = arguments.parse_args()
    taken = [(seconds(text), name, text) for name, text in crafted()]
    print(f"{len(taken)} made to be slow:")
    tell(taken)
    found: list[tuple[float, str, str]] = []
    word = st.sampled_from(WORDS)
    words = st.lists(word, min_size=100, max_size=900).map(" ".join)
    texts = st.one_of(
        words, st.text(max_size=LIMIT), st.lists(word).map(" ".join), st.lists(word).map("".join)
    )

    @settings(
        max_examples=given_.texts, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(texts.map(lambda text: text[:LIMIT]))
    def try_text(text: str) -> None:
        found.append((seconds(text), "random", text))

    try_text()
    print(f"{len(found)} random texts:")
    tell(found)


def seconds(text: str) -> float:
    """How much processor time it takes until the text is a checked formula or its problems are known."""
    taken = _once(text)
    # What is slow is measured again: on a busy machine the first time may say little.
    return taken if taken < SLOW else min(taken, _once(text), _once(text))


def _once(text: str) -> float:
    started = time.process_time()
    with suppress(DefinitionRefused):
        check_formula(Expression(text, Place("app.yaml", 1, 1)), WORLD, SCOPE)
    return time.process_time() - started


def tell(taken: list[tuple[float, str, str]]) -> None:
    """The slowest, each with its beginning."""
    for time_taken, name, text in sorted(taken, reverse=True)[:8]:
        print(f"  {time_taken * 1000:7.1f} ms  {name:12} {text[:70]!r}")


def crafted() -> Iterator[tuple[str, str]]:
    """Texts that fill the limits, each in another way."""
    yield from _repeated("sum", "amount", " + amount")
    yield from _repeated("product", "rate", " * rate")
    yield from _repeated("quotient", "rate", " / rate")
    yield from _repeated("joined", "name", " & name")
    yield from _repeated("chain", "amount", " < amount")
    yield from _repeated("and", "important", " and important")
    yield from _repeated("percent", "1", " + 10%")
    yield from _repeated("unknown", "amuont", " + amuont")
    yield from _repeated("hops", "owner", ".manager")
    yield from _repeated("no hops", "owner", ".manger")
    yield from _repeated("signs", "", "-")
    yield from _repeated("nots", "", "not ")
    yield from _repeated("strings", '"a"', ' & "a"')
    yield from _repeated("equals", "amount", " = amount")
    yield from _repeated("commas", "", ",")
    yield from _repeated("open", "", "(")
    yield from _repeated("names", "x", "x")
    yield from _repeated("digits", "1", "1")
    yield "list", f"quantity in [{', '.join(map(str, range(900)))}]"
    yield "texts in list", f"name in [{', '.join(repr(f'n{number}') for number in range(500))}]"
    yield "switch", f"switch(quantity, {', '.join(f'{each}, {each}' for each in range(240))})"
    yield "ifs", f"ifs({', '.join(f'quantity > {each}, {each}' for each in range(160))})"
    yield "bracket", f"bracket(amount, [{', '.join(map(str, range(400)))}], [{', '.join(['1%'] * 400)}])"
    yield "max", f"max({', '.join(['amount'] * 480)})"
    yield "conditions", "sum(d.amount for d in deal if " + " and ".join(["d.owner == owner"] * 110) + ")"
    yield "sets", " + ".join(["count(d for d in deal if d.owner == owner)"] * 80)
    yield "power", "rate ** 8 * " * 200 + "1"
    yield "powers", "**".join(["rate"] * 300)
    yield "exponent", "1e999999999"
    yield "nested sets", _nested("sum({} for d in deal)", "d.amount", 40)
    yield "pattern", f'regexmatch(name, "{"(a*)*" * 300}b")'
    yield "classes", f'regexmatch(name, "{"[a-z]{{0,99}}" * 200}")'
    for step in (
        "nullif({}, 3)", "xor({}, important)", "round({}, 2)", "if({} > 1, {} , 0)", "coalesce({}, {})",
        "upper(lower({}))", "edate({}, 1)", "mod({}, 7)", "clamp({}, 0, 9)", "iferror({}, 0)", "max({}, {})",
        "({})", "between({}, 1, 2)", "yearfrac({}, won_on, 1)", 'textjoin(",", {}, name)',
    ):  # fmt: skip
        for depth in (8, 20, 45):
            yield f"nested {depth}", _nested(step, "amount", depth)


def _repeated(name: str, start: str, more: str) -> Iterator[tuple[str, str]]:
    for size in (LIMIT // 8, LIMIT):
        yield name, start + more * ((size - len(start)) // len(more))


def _nested(step: str, start: str, depth: int) -> str:
    text = start
    for _ in range(depth):
        following = step.replace("{}", text)
        if len(following) > LIMIT:
            break
        text = following
    return text


if __name__ == "__main__":
    main()
