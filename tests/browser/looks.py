"""Looking at pages as people do: wide, dark, on a phone; what axe objects to, and what is too wide."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, expect

ARRIVED = "() => Promise.allSettled(document.getAnimations().map((each) => each.finished))"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Look:
    """A screen, and by which rules of axe a page is judged on it: all, those named, or all `but` some."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]
    rules: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


COLOURS = ("color-contrast",)
WIDE = Look("wide", 1440, 900, "light")
# Between light and dark only colours differ.
DARK = Look("dark", 1440, 900, "dark", COLOURS)
PHONE = Look("phone", 360, 740, "dark")
ALL_LOOKS = (WIDE, DARK, PHONE)
# Colours do not depend on the language.
IN_ANOTHER_LANGUAGE = (replace(WIDE, but=COLOURS), replace(PHONE, but=COLOURS))
LOOKS: Mapping[str, Mapping[str, Any]] = {
    each.name: {"viewport": {"width": each.width, "height": each.height}, "color_scheme": each.scheme}
    for each in (WIDE, PHONE)
}
"""What a page can be opened with."""


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks at pages in a test, and remembers what is wrong with them."""

    violations: Callable[..., list[str]]
    screenshot: Callable[[Page, str], Path]
    found: list[str]

    def look(self, page: Page, name: str) -> None:
        """Looks at a page as it stands."""
        self.found.extend(look_at(page, name, self.violations))
        self.screenshot(page, name.replace(" ", "-"))

    def look_around(self, page: Page, name: str, looks: Sequence[Look] = ALL_LOOKS) -> None:
        """Looks at a page in one look after the other, and leaves it wide and light."""
        for look in looks:
            put_on(page, look)
            self.found.extend(
                look_at(page, f"{name}, {look.name}", self.violations, *look.rules, but=look.but)
            )
            self.screenshot(page, f"{name.replace(' ', '-')}-{look.name}")
        put_on(page, WIDE)


def put_on(page: Page, look: Look) -> None:
    page.set_viewport_size({"width": look.width, "height": look.height})
    page.emulate_media(color_scheme=look.scheme)
    page.evaluate("scrollTo(0, 0)")


def look_at(
    page: Page, name: str, violations: Callable[..., list[str]], *rules: str, but: Sequence[str] = ()
) -> list[str]:
    """What is wrong with a page: what axe finds, and whether it is wider than the screen."""
    # What moves in (a toast, a colour) is looked at when it has arrived.
    page.evaluate(ARRIVED)
    too_wide = page.evaluate(OVERFLOW)
    found = [f"{name}: {violation}" for violation in violations(page, *rules, but=but)]
    return [*found, *([f"{name}: {too_wide} pixels wider than the screen"] if too_wide > 0 else [])]


def draw_charts(page: Page) -> None:
    """Charts are drawn when they come into view: so each is brought there."""
    for chart in page.locator("[data-chart]").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("data-drawn", "yes")
