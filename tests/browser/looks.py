"""Looking at pages as people do: wide, dark, on a phone; what axe objects to, and what is too wide."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, expect

WIDE, PHONE = (1440, 900), (360, 740)
LOOKS: Mapping[str, Mapping[str, Any]] = {
    "wide": {"viewport": {"width": WIDE[0], "height": WIDE[1]}},
    "phone": {"viewport": {"width": PHONE[0], "height": PHONE[1]}, "color_scheme": "dark"},
}
"""What a page can be opened with."""

ARRIVED = "() => Promise.allSettled(document.getAnimations().map((each) => each.finished))"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Look:
    """A screen, and by which of axe's rules a page is judged on it: by all of them when none are named."""

    name: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"]
    rules: tuple[str, ...] = ()


# Between light and dark only colours differ, between the widths whatever is shown.
ALL_LOOKS = (
    Look("wide", WIDE, "light"),
    Look("dark", WIDE, "dark", ("color-contrast",)),
    Look("phone", PHONE, "dark"),
)


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

    def look_around(self, page: Page, name: str) -> None:
        """Looks at a page in every look, one after the other, and leaves it wide and light."""
        for look in ALL_LOOKS:
            put_on(page, look)
            self.found.extend(look_at(page, f"{name}, {look.name}", self.violations, *look.rules))
            self.screenshot(page, f"{name.replace(' ', '-')}-{look.name}")
        put_on(page, ALL_LOOKS[0])


def put_on(page: Page, look: Look) -> None:
    width, height = look.size
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme=look.scheme)
    page.evaluate("scrollTo(0, 0)")


def look_at(page: Page, name: str, violations: Callable[..., list[str]], *rules: str) -> list[str]:
    """What is wrong with a page: what axe finds, and whether it is wider than the screen."""
    # What moves in (a toast, a colour) is looked at when it has arrived.
    page.evaluate(ARRIVED)
    too_wide = page.evaluate(OVERFLOW)
    found = [f"{name}: {violation}" for violation in violations(page, *rules)]
    return [*found, *([f"{name}: {too_wide} pixels wider than the screen"] if too_wide > 0 else [])]


def draw_charts(page: Page) -> None:
    """Charts are drawn when they come into view: so each is brought there."""
    for chart in page.locator("[data-chart]").all():
        chart.scroll_into_view_if_needed()
        expect(chart).to_have_attribute("data-drawn", "yes")
