"""What else is asked of a million records, beside the same by hand: search everywhere, charts, days, order.

`python benchmarks/million.py [most] [database address]`. Both sides run in turn in this process over the same
tables, milliseconds (median); the ratio is by hand ÷ Dougong, of the median of the pairs. By hand means the
statement that somebody would write for this one table, executed by the driver: without rights, without the
names of what is found, and for the search without asking whether better hits come first. Clocks are those of
benchmarks/lists.py.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from benchmarks.lists import APP, CLOCKS, fill
from engine.definition.check import check_texts
from engine.definition.figure import Card
from engine.figures.picture import picture, sheet
from engine.records.best_hits import search_everywhere
from engine.records.groups import groups
from engine.records.query import Query
from engine.records.read import choices, page
from engine.releases.apply import apply_plan
from engine.schema import search_index
from engine.transaction import SYSTEM, Transaction
from engine.workspace import Workspace, open_workspace

ROUNDS = 7
DEAL = "bench.deal"
MORE = """
      quarters: {type: pivot, rows: [stage], columns: [quarter(day)], value: sum(amount)}
      months: {type: chart, chart: bar, group_by: month(day), value: sum(amount)}
  contact:
    title: name
    fields:
      name: {type: text, required: true}
      deal: {type: link, to: deal}
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: what Dougong is asked, and the statement by hand on each database."""

    ours: Callable[[Transaction], object]
    by_hand: Mapping[str, str]


def both(statement: str) -> Mapping[str, str]:
    """The same statement on both databases."""
    return dict.fromkeys(CLOCKS, statement)


def sought(words: str, sqlite: str, postgresql: str) -> Asked:
    """The newest records that have the words; `{n}` is the number of the entity in the index."""
    return Asked(
        lambda transaction: search_everywhere(transaction, words, 12),
        {
            "sqlite": "SELECT d.id, d.name FROM bench__deal AS d JOIN (SELECT rowid % 1099511627776 AS id "
            f"FROM dougong_search WHERE dougong_search MATCH '{sqlite}' ORDER BY rowid DESC LIMIT 12) "
            "AS hit ON hit.id = d.id",
            "postgresql": "SELECT d.id, d.name FROM bench__deal AS d JOIN dougong_search AS s "
            "ON s.record_id = d.id AND s.number = {n} "
            f"WHERE s.words @@ $q${postgresql}$q$::tsquery ORDER BY d.id DESC LIMIT 12",
        },
    )


def listed(**asked: Any) -> Callable[[Transaction], object]:
    """A page of the list."""
    return lambda transaction: page(transaction, DEAL, Query(**asked))


def card(view: str, drawn: Callable[..., object]) -> Callable[[Transaction], object]:
    """The figures of a view that is a card."""

    def act(transaction: Transaction) -> object:
        found: Card = transaction.catalog.entity(DEAL).definition.views[view].options["card"]
        return drawn(transaction, found, lambda _series: Query(view=view))

    return act


COLUMNS = "SELECT id, name, amount, stage, day FROM bench__deal"
QUESTIONS: Mapping[str, Asked] = {
    "search everywhere: 1 record": sought("n4217", '"{n}on4217"*', "'{n}on4217':*"),
    "search everywhere: in 1 of 10": sought("oslo", '"{n}ooslo"*', "'{n}ooslo':*"),
    "search everywhere: in 4 of 7": sought("自动", '"{n}o自动"', "'{n}o自动'"),
    "search everywhere: one character": sought("自", '"{n}o自"*', "'{n}o自':*"),
    "search everywhere: one letter": sought("n", '"{n}on"*', "'{n}on':*"),
    "search everywhere: two common": sought(
        "oslo retrofit", '"{n}ooslo"* AND "{n}oretrofit"*', "'{n}ooslo':* & '{n}oretrofit':*"
    ),
    "search everywhere: none": sought("zzz", '"{n}ozzz"*', "'{n}ozzz':*"),
    "link field: a common word": Asked(
        lambda transaction: choices(transaction, "bench.contact", "deal", "oslo", {}),
        sought("", '"{n}ooslo"*', "'{n}ooslo':*").by_hand,
    ),
    "a month of days, indexed": Asked(
        listed(filter="day >= date(2024, 5, 1) and day <= date(2024, 5, 31)", limit=1_000, view="plain"),
        both(f"{COLUMNS} WHERE day BETWEEN '2024-05-01' AND '2024-05-31' ORDER BY amount DESC LIMIT 1000"),
    ),
    "order without an index": Asked(
        listed(sort=(("name", False),), view="plain"), both(f"{COLUMNS} ORDER BY name LIMIT 51")
    ),
    "groups with totals": Asked(
        lambda transaction: groups(transaction, DEAL, Query(totals={"amount": "sum"}), "stage"),
        both("SELECT stage, count(*), sum(amount) FROM bench__deal GROUP BY stage"),
    ),
    "chart by month": Asked(
        card("months", picture),
        {
            "sqlite": "SELECT strftime('%Y-%m', day), sum(amount) FROM bench__deal GROUP BY 1",
            "postgresql": "SELECT date_trunc('month', day), sum(amount) FROM bench__deal GROUP BY 1",
        },
    ),
    "pivot by stage and quarter": Asked(
        card("quarters", sheet),
        {
            "sqlite": "SELECT stage, strftime('%Y', day) || (strftime('%m', day) + 2) / 3, sum(amount) "
            "FROM bench__deal GROUP BY 1, 2",
            "postgresql": "SELECT stage, date_trunc('quarter', day), sum(amount) "
            "FROM bench__deal GROUP BY 1, 2",
        },
    ),
}


def prepare(address: str, count: int) -> Workspace:
    """Publishes the definition and fills its tables."""
    workspace = open_workspace(address)
    apply_plan(workspace.database, check_texts([{"bench.yaml": APP + MORE.lstrip("\n")}]), "bench", "bench")
    fill(workspace, count)
    workspace.database.take_stock()
    return workspace


def measure(transaction: Transaction, asked: Asked, number: int) -> tuple[float, float, float]:
    """Milliseconds of Dougong and by hand, and the ratio of the pairs; the first pair warms up."""
    clock = CLOCKS[transaction.dialect]
    statement = asked.by_hand[transaction.dialect].replace("{n}", str(number))
    pairs = []
    for _ in range(ROUNDS + 1):
        started = clock()
        asked.ours(transaction)
        between = clock()
        by_hand(transaction.connection, statement)
        pairs.append(((between - started) * 1000, (clock() - between) * 1000))
    ours, plain = zip(*pairs[1:], strict=True)
    ratio = statistics.median(hand / own for own, hand in pairs[1:])
    return statistics.median(ours), statistics.median(plain), ratio


def by_hand(connection: Connection, statement: str) -> None:
    """Executes a statement by the driver."""
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    cursor.fetchall()
    cursor.close()


def main() -> None:
    """Prints a line for each question."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        address = sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder) / 'bench.db'}"
        workspace = prepare(address, most)
        with workspace.reading(SYSTEM) as transaction:
            number, _ = search_index.numbers(transaction.connection)[DEAL]
            print(f"{most:,} records{'':24} {'Dougong':>10} {'by hand':>10} {'ratio':>7}")
            for name, asked in QUESTIONS.items():
                ours, plain, ratio = measure(transaction, asked, number)
                print(f"{name:36} {ours:10.2f} {plain:10.2f} {ratio:7.2f}", flush=True)
        workspace.close()


if __name__ == "__main__":
    main()
