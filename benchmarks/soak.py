"""Random formulas over random records, in memory and on a database, for as long as you like.

The tests do the same for a few thousand answers; this goes on until the time is over and prints every formula
whose answers differ. Usage: python benchmarks/soak.py [--minutes N] [--database sqlite|postgresql] [--seed N]
"""

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.records import DATABASES
from tests.formula.conftest import Company, open_company
from tests.formula.random_formulas import random_formula
from tests.formula.test_random import DEALS, differences

AT_ONCE = 20


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--minutes", type=float, default=10)
    arguments.add_argument("--database", choices=list(DATABASES), action="append")
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    wrong = 0
    for database in given.database or DATABASES:
        folder = Path(tempfile.mkdtemp(prefix="dougong-soak-"))
        folder.chmod(0o755)
        try:
            with DATABASES[database](folder) as url:
                wrong += soak(database, url, given.seed, given.minutes * 60)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    raise SystemExit(1 if wrong else 0)


def soak(database: str, url: str, seed: int, seconds: float) -> int:
    """Compares until the time is over; how many answers differed."""
    chance, until, answers, wrong = Random(seed), time.monotonic() + seconds, 0, 0
    with open_company(url) as company:
        while time.monotonic() < until:
            numbers = [chance.randrange(2**40) for _ in range(AT_ONCE)]
            found = told(company, numbers, chance.randrange(2**40))
            answers, wrong = answers + AT_ONCE * DEALS, wrong + len(found)
            for each in found:
                print(f"{database}: {each}", flush=True)
    print(f"{database}: {answers} answers, {wrong} differences")
    return wrong


def told(company: Company, numbers: list[int], rows: int) -> list[str]:
    """The differences; when something fails, which formulas fail by themselves."""
    try:
        return differences(company, numbers, rows)
    except Exception as error:  # noqa: BLE001 - whatever a formula does is to be told
        if len(numbers) == 1:
            return [f"{random_formula(company, numbers[0]).expression.text}: {error!r}"[:2000]]
        return [each for number in numbers for each in told(company, [number], rows)]


if __name__ == "__main__":
    main()
