"""What a publish is doing, on standard error: one line that changes on a terminal, lines elsewhere."""

import shutil
import sys
from datetime import UTC, datetime
from unicodedata import east_asian_width

import click

from dougong.commands.options import locale, spoken
from engine.releases.progress import Running, Show

LONG_SECONDS = 3
"""After so long a step gets a line where lines cannot change."""

BEGIN_OF_LINE, REST_OF_LINE_AWAY = "\r", "\x1b[K"


def shown_in_terminal() -> Show:
    """Shows a publish to who began it, as far as standard error can."""
    return _one_line if sys.stderr.isatty() else _lines()


def line(running: Running) -> str:
    """Such as “Adds Discount to Deal. (step 3 of 7, running for 12 s)”."""
    figures = "、" if locale() == "zh" else ", "
    known = figures.join(spoken(each) for each in running.figures(datetime.now(UTC)))
    return f"{running.sentence[locale()]} ({known})"


def clipped(words: str, columns: int) -> str:
    """As much of it as fits into so many columns; Chinese characters take two."""
    taken = 0
    for position, character in enumerate(words):
        taken += 2 if east_asian_width(character) in "WF" else 1
        if taken > columns:
            return f"{words[: max(0, position - 2)]}…"
    return words


def _one_line(running: Running | None) -> None:
    words = clipped(line(running), shutil.get_terminal_size().columns - 1) if running else ""
    click.echo(f"{BEGIN_OF_LINE}{words}{REST_OF_LINE_AWAY}", nl=False, err=True)


def _lines() -> Show:
    told: list[tuple[int, str]] = []

    def show(running: Running | None) -> None:
        if running is None or (datetime.now(UTC) - running.since).total_seconds() < LONG_SECONDS:
            return
        step = (running.number, running.sentence["en"])
        if step not in told:
            told.append(step)
            click.echo(f"… {line(running)}", err=True)

    return show
