"""Who looks at a page: the person who is signed in, their language and appearance."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel.dates import format_time, format_timedelta, get_datetime_format
from flask import current_app, g, request
from flask_login import UserMixin, current_user
from markupsafe import Markup

from blueprints.escaping import filled
from blueprints.texts import words
from engine.access.browsers import browser_and_system
from engine.access.rules import Rules
from engine.access.second_factor import needs_second_factor
from engine.access.sessions import Device, Opened
from engine.access.site_key import SiteKey
from engine.fields.field_type import TIME_ZONE
from engine.fields.time_type import shown_date
from engine.records.disclosures import Disclosures
from engine.text import LOCALES
from engine.transaction import Actor, Transaction
from engine.workspace import Workspace

LOCALE_COOKIE = "dougong_locale"
THEME_COOKIE = "dougong_theme"
THEMES = ("auto", "light", "dark")
KEPT_AT_MOST = 10_000
"""How many times are kept as they are written: pages show the same ones again and again."""
A_MINUTE = timedelta(minutes=1)
TIME = '<time datetime="%s" title="%s">%s</time>'
A_YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True, eq=False)
class Visitor(UserMixin):  # type: ignore[misc]
    """Somebody who is signed in. Flask-Login keeps the secret of their session in the cookie."""

    opened: Opened
    secret: str

    @property
    def actor(self) -> Actor:
        """As whom things are done."""
        return self.opened.actor

    def get_id(self) -> str:
        return self.secret


class Reader(NamedTuple):
    """How somebody reads values: their language, their time zone."""

    locale: str
    time_zone: str


def workspace() -> Workspace:
    """The workspace that the running application serves."""
    found: Workspace = current_app.extensions["dougong"]
    return found


@contextmanager
def reading() -> Iterator[Transaction]:
    """A transaction that reads on behalf of the visitor; what stands around the page is read by it, too."""
    with workspace().reading(person()) as transaction:
        around = g.get("transaction")
        g.transaction = transaction
        try:
            yield transaction
        finally:
            g.transaction = around


@contextmanager
def reading_around() -> Iterator[Transaction]:
    """The transaction by which the page is read at present; one of its own where there is none."""
    found: Transaction | None = g.get("transaction")
    if found is not None:
        yield found
    else:
        with workspace().reading(person()) as transaction:
            yield transaction


def disclosures() -> Disclosures:
    """Where it is told that somebody saw personal fields."""
    found: Disclosures = current_app.extensions["dougong_disclosures"]
    return found


def rules() -> Rules:
    """How strictly people sign in here."""
    found: Rules = current_app.extensions["dougong_rules"]
    return found


def site_key() -> SiteKey:
    """The key from which those for links and second factors are derived."""
    found: SiteKey = current_app.extensions["dougong_key"]
    return found


def device() -> Device:
    """From where the request comes."""
    return Device(request.remote_addr, *browser_and_system(request.user_agent.string))


def signed_in() -> Visitor | None:
    """Who is signed in; asked for often on every page, so it looks behind Flask-Login's proxy once."""
    found = current_user._get_current_object()  # noqa: SLF001
    return found if isinstance(found, Visitor) else None


def opened() -> Opened:
    """The visitor's session, on pages that need one."""
    found = signed_in()
    assert found is not None
    return found.opened


def has_to_enrol() -> bool:
    """Whether the visitor needs a second factor and has none yet: they can do nothing else before."""
    found = opened()
    by = found.actor.viewer or found.actor
    return not found.second_factor and needs_second_factor(by, rules())


def actor() -> Actor | None:
    """The person who is signed in, None before signing in."""
    found = signed_in()
    return found.actor if found else None


def person() -> Actor:
    """The person who is signed in, on pages that need one."""
    found = actor()
    assert found is not None
    return found


def locale() -> str:
    """The person's language; before signing in the one chosen on this device or that the browser asks for.

    A page asks for it with every value that it shows, so it is found once a request.
    """
    found: str | None = g.get("shown_locale")
    if found is None:
        found = g.shown_locale = _locale()
    return found


def reader() -> "Reader":
    """In which language and time zone the visitor reads; found once a request, asked for with every value."""
    found: Reader | None = g.get("reader")
    if found is None:
        who = actor()
        found = g.reader = Reader(locale(), who.time_zone if who else TIME_ZONE)
    return found


def read_as(caller: Actor) -> None:
    """From here on values are written for the caller of the API, who need not be signed in to the site."""
    g.shown_locale = caller.locale
    g.reader = Reader(caller.locale, caller.time_zone)


def _locale() -> str:
    found = actor()
    if found is not None and found.locale in LOCALES:
        return found.locale
    chosen = request.cookies.get(LOCALE_COOKIE)
    if chosen in LOCALES:
        return chosen
    wanted = [language.partition("-")[0].lower() for language, _ in request.accept_languages]
    return next((each for each in wanted if each in LOCALES), "en")


def theme() -> str:
    """auto, light or dark, as chosen on this device."""
    chosen = request.cookies.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def translated(template: str, **parameters: Any) -> str:
    """A page text in the visitor's language: `_` of the templates."""
    return words(template, locale(), **parameters)


def time_zone() -> ZoneInfo:
    """The person's time zone."""
    return ZoneInfo(reader().time_zone)


def day(on: date) -> str:
    """A day as people write it."""
    return shown_date(on, locale())


@lru_cache(maxsize=KEPT_AT_MOST)
def _told(at: datetime, reader: Reader) -> tuple[str, str]:
    """An instant to the second, and its day: `Nov 21, 2026, 4:00:14 PM`."""
    local = at.astimezone(ZoneInfo(reader.time_zone))
    clock = format_time(local.time(), "medium", locale=reader.locale)
    whole = str(get_datetime_format("medium", locale=reader.locale)).replace("'", "")
    day = shown_date(local.date(), reader.locale)
    return whole.replace("{0}", clock).replace("{1}", day), day


def due(at: datetime) -> Markup:
    """When something is due: “in 2 days”, “3 hours late”, with the exact time on hover."""
    exact, day = _told(at, reader())
    away = at - datetime.now(UTC)
    if away.total_seconds() < 0:
        shown = translated("{time} late", time=format_timedelta(-away, locale=locale()))
    elif away.days < 7:
        shown = translated("due {time}", time=format_timedelta(away, add_direction=True, locale=locale()))
    else:
        shown = translated("due {time}", time=day)
    return filled(TIME, at.isoformat(), exact, shown)


@lru_cache(maxsize=KEPT_AT_MOST)
def _ago(minutes: int, language: str) -> str:
    return format_timedelta(-minutes * A_MINUTE, add_direction=True, locale=language)


def moment(at: datetime) -> Markup:
    """An instant as people say it (“3 hours ago”), with the exact time on hover."""
    exact, day = _told(at, reader())
    passed = datetime.now(UTC) - at
    if abs(passed.total_seconds()) < 60:
        shown = translated("just now")
    elif passed.days < 7:
        shown = _ago(int(passed / A_MINUTE), locale())
    else:
        shown = day
    return filled(TIME, at.isoformat(), exact, shown)
