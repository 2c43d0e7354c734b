"""How a value is shown on a page: formatted by its field's type, dressed by the look of that type."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import request
from markupsafe import Markup, escape

from blueprints import visitor
from blueprints.assets import icon
from blueprints.escaping import filled, written
from blueprints.file_looks import file_links, large_files, small_pictures
from engine.catalog import CompiledField
from engine.fields.encryption import HIDDEN
from engine.fields.number_type import grouped
from engine.fields.types.link import Link
from engine.fields.types.money import symbol
from engine.fields.types.rich_text import sanitized
from engine.problems import Problem
from engine.text import Text

HUES: Mapping[str, str] = {
    "blue": "hue-blue",
    "azure": "hue-azure",
    "indigo": "hue-indigo",
    "purple": "hue-purple",
    "pink": "hue-pink",
    "red": "hue-red",
    "orange": "hue-orange",
    "yellow": "hue-yellow",
    "lime": "hue-lime",
    "green": "hue-green",
    "teal": "hue-teal",
    "cyan": "hue-cyan",
    "gray": "hue-gray",
    "dark": "hue-dark",
}
"""Colour of a definition → class."""

NUMBER_GROUP = "number"

Look = Callable[[Any], Markup]

NOTHING = Markup("")
BLANKS: tuple[Any, ...] = ("", (), [])

BADGE = '<span class="badge-soft %s%s">%s</span>'
LINK = '<a class="link-plain" href="%s" data-peek>%s</a>'
FACE = '<span class="avatar avatar-small %s" aria-hidden="true">%s</span> '
YES_OR_NO = '<span class="%s">%s %s</span>'


def entity_url(key: str, identity: int | str | None = None) -> str:
    """The address of an entity's list, or of one of its records.

    The same as `url_for` of the pages of records gives; a list holds hundreds of them.
    """
    base = f"{request.script_root}/{key.replace('.', '/')}"
    return base if identity is None else f"{base}/{identity}"


def show(field: CompiledField, value: Any) -> Markup:
    """The value as a page shows it; blank is an empty text."""
    if value is None or value in BLANKS:
        return NOTHING
    return (LOOKS.get(field.type.name) or _dressed(field))(field, value)


def masked_look() -> Markup:
    """What stands for a personal value that is shown only when it is asked for."""
    words = visitor.translated("Personal, not shown")
    return Markup('<span class="value-masked" title="{}">{}<span class="unseen">{}</span></span>').format(
        words, HIDDEN, words
    )


def look_of(field: CompiledField) -> Look:
    """How the values of a field are shown on this page: found once for a column, each value dressed once."""
    look, known = LOOKS.get(field.type.name) or _dressed(field), dict[Any, Markup]()

    def shown(value: Any) -> Markup:
        if value is None or value in BLANKS:
            return NOTHING
        try:
            found = known.get(value)
        except TypeError:
            # Lists and trees of JSON are no keys.
            return look(field, value)
        if found is None:
            found = known[value] = look(field, value)
        return found

    return shown


def text_of(field: CompiledField) -> Callable[[Any], str]:
    """How the values of a field are written in plain words on this page: found once for a column."""
    written, options, (locale, zone) = field.type.format, field.definition.options, visitor.reader()
    return lambda value: written(options, value, locale, zone)


def _dressed(field: CompiledField) -> Callable[[CompiledField, Any], Markup]:
    """The look of a type that is its words, with something around them."""
    text, (before, after) = text_of(field), AROUND.get(field.type.name, ("", ""))
    return lambda _field, value: Markup(f"{before}{written(text(value))}{after}")  # noqa: S704 (escaped)


def show_whole(field: CompiledField, value: Any) -> Markup:
    """The value where there is room for all of it: on the page of its record."""
    look = WHOLE.get(field.type.name)
    return show(field, value) if look is None or value is None else look(field, value)


def as_text(field: CompiledField, value: Any) -> str:
    """The value as plain words in the visitor's language."""
    return field.type.format(field.definition.options, value, *visitor.reader())


def is_number(field: CompiledField) -> bool:
    """Whether values stand at the right, digit under digit."""
    return field.type.group == NUMBER_GROUP


def badge(label: str, color: str | None) -> Markup:
    """A word in a soft colour."""
    hue = HUES.get(color or "", "hue-gray")
    plain = "" if color else " badge-plain"
    return filled(BADGE, hue, plain, label)


def hue_of(identity: int | None) -> str:
    """A colour that stays the same for a person."""
    hues = list(HUES.values())[:12]
    return hues[(identity or 0) * 5 % len(hues)]


def initials(name: str) -> str:
    """Two letters for a name: `Wei Zhang` → WZ, `张伟` → 张伟's last character."""
    words = name.split()
    if not words:
        return "?"
    if len(words) == 1 and not words[0].isascii():
        return words[0][-1]
    return "".join(word[0] for word in (words[0], words[-1])[: len(words)]).upper()


def currency_sign(currency: str) -> str:
    """¥ for CNY."""
    return symbol(currency, visitor.locale())


def number(value: int) -> str:
    """20,000."""
    return grouped(value, 0, visitor.locale())


def sentence(problem: Problem) -> str:
    """A problem in the visitor's language."""
    return problem.message.to(visitor.locale())


def label(text: Text) -> str:
    """A label in the visitor's language."""
    return text.to(visitor.locale())


def inside(words: str) -> str:
    """A label inside a sentence: `Deal` → `deal`; names such as `CRM lead` and other scripts stay."""
    return words[:1].lower() + words[1:] if words[1:2].islower() else words


def _as_text(field: CompiledField, value: Any) -> Markup:
    return escape(as_text(field, value))


def _choice(field: CompiledField, value: Any) -> Markup:
    option = field.definition.options["options"].get(value)
    return badge(as_text(field, value), option.color if option else None)


def _choices(field: CompiledField, value: Any) -> Markup:
    options = field.definition.options["options"]
    locale = visitor.locale()
    known = [options[name] for name in value if name in options]
    badges = [badge(option.label.to(locale), option.color) for option in known]
    return Markup(" ").join(badges)


def _link(field: CompiledField, value: Any) -> Markup:
    if not isinstance(value, Link):
        return _as_text(field, value)
    if not value.seen:
        return Markup('<span class="closed" title="{}">{} {}</span>').format(
            visitor.translated("You may not see this record."), icon("lock", small=True), link_words(value)
        )
    target = field.type.target(field.definition.options)
    address = entity_url(target, value.id) if target else ""
    return filled(LINK, address, link_words(value))


def link_words(value: Link) -> str:
    """What a link is called; its number where the record has no title, or may not be seen."""
    return (value.title if value.seen else "") or f"#{value.id}"


def _links(field: CompiledField, value: Any) -> Markup:
    return Markup(", ").join(_link(field, each) for each in value)


def _person(field: CompiledField, value: Any) -> Markup:
    if not isinstance(value, Link):
        return _as_text(field, value)
    if not value.seen:
        return _link(field, value)
    return filled(FACE, hue_of(value.id), initials(value.title)) + _link(field, value)


def _boolean(field: CompiledField, value: Any) -> Markup:
    mark = icon("check" if value else "minus", small=True)
    return filled(YES_OR_NO, "" if value else "faint", mark, as_text(field, value))


def _email(_field: CompiledField, value: Any) -> Markup:
    return Markup('<a class="link-plain" href="mailto:{0}">{0}</a>').format(value)


def _phone(_field: CompiledField, value: Any) -> Markup:
    dialled = "".join(each for each in str(value) if each.isdigit() or each == "+")
    return Markup('<a class="link-plain number" href="tel:{}">{}</a>').format(dialled, value)


def _url(_field: CompiledField, value: Any) -> Markup:
    shown = str(value).split("://", 1)[-1].rstrip("/")
    return Markup('<a class="link-plain" href="{}" rel="noopener noreferrer">{}</a>').format(value, shown)


def _rich(_field: CompiledField, value: Any) -> Markup:
    # Cleaned when it was written; cleaned again, since a database can be written to by other ways.
    return Markup('<div class="rich-words">{}</div>').format(Markup(sanitized(str(value))))  # noqa: S704


def _colour(_field: CompiledField, value: Any) -> Markup:
    # A style attribute would be against the Content-Security-Policy; the attributes of SVG are not.
    return Markup(
        '<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">'
        '<rect width="16" height="16" fill="{0}"/></svg> '
        '<span class="number">{0}</span>'
    ).format(value)


def _stars(field: CompiledField, value: Any) -> Markup:
    most = field.definition.options["stars"]
    star = icon("star", small=True)
    return Markup('<span class="stars">{}<span class="stars-empty">{}</span></span>{}').format(
        star * value,
        star * (most - value),
        Markup('<span class="unseen">{}</span>').format(as_text(field, value)),
    )


def _code(_field: CompiledField, value: Any) -> Markup:
    return Markup('<code class="value-text">{}</code>').format(value)


NUMBER = ('<span class="number">', "</span>")

AROUND: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("integer", "decimal", "money", "percent", "sequence"), NUMBER),
    **dict.fromkeys(("date", "datetime", "time", "month"), NUMBER),
    "long_text": ('<span class="value-text">', "</span>"),
}
"""Field type → what stands around its words on a page; nothing for types that are not here."""

LOOKS: Mapping[str, Callable[[CompiledField, Any], Markup]] = {
    "choice": _choice,
    "multi_choice": _choices,
    "link": _link,
    "department": _link,
    "user": _person,
    "links": _links,
    "boolean": _boolean,
    "email": _email,
    "phone": _phone,
    "url": _url,
    "color": _colour,
    "rating": _stars,
    "file": file_links,
    "image": small_pictures,
    "signature": small_pictures,
}
"""Field type → its look on a page; types that are not here are shown as their words."""

WHOLE: Mapping[str, Callable[[CompiledField, Any], Markup]] = {
    "rich_text": _rich,
    "json": _code,
    "file": large_files,
    "image": large_files,
    "signature": large_files,
}
"""Field type → its look where it may take room."""
