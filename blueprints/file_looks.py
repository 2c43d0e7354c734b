"""How files in fields are shown: pictures small, others with their name; both lead to the file."""

from typing import Any

from flask import url_for
from markupsafe import Markup

from blueprints.assets import icon
from engine.catalog import CompiledField
from engine.fields.file_kinds import BY_EXTENSION, extension_of
from engine.fields.file_type import KeptFile, files_in

PICTURE = Markup('<img class="file-picture{}" src="{}" alt="{}" loading="lazy">')
LINK = Markup('<a class="file-link" href="{}"{}>{}<span class="file-name">{}</span></a>')
FRAME = Markup('<a class="file-frame" href="{}"{}>{}</a>')


def is_picture(each: KeptFile) -> bool:
    """Whether a small picture of it can be shown."""
    kind = BY_EXTENSION.get(extension_of(each.name))
    return kind is not None and kind.group == "image" and kind.shown


def is_shown(each: KeptFile) -> bool:
    """Whether browsers may show it."""
    kind = BY_EXTENSION.get(extension_of(each.name))
    return kind is not None and kind.shown


def file_links(_field: CompiledField, value: Any) -> Markup:
    """The names of the files, one after the other: in lists."""
    return Markup(" ").join(_link(each) for each in files_in(value))


def small_pictures(_field: CompiledField, value: Any) -> Markup:
    """The pictures, small: in lists."""
    return Markup("").join(
        PICTURE.format(" file-picture-small", url_for("files.thumbnail", identity=each.id), each.name)
        for each in files_in(value)
    )


def large_files(_field: CompiledField, value: Any) -> Markup:
    """Pictures as pictures, others by their names: on the page of the record."""
    shown = [_frame(each) if is_picture(each) else _link(each) for each in files_in(value)]
    return Markup('<span class="file-shown">{}</span>').format(Markup("").join(shown))


def _frame(each: KeptFile) -> Markup:
    picture = PICTURE.format("", url_for("files.thumbnail", identity=each.id), each.name)
    return FRAME.format(url_for("files.download", identity=each.id), preview(each), picture)


def _link(each: KeptFile) -> Markup:
    return LINK.format(
        url_for("files.download", identity=each.id), preview(each), icon("paperclip", small=True), each.name
    )


def preview(each: KeptFile) -> Markup:
    """Where a script shows the file in a dialog instead of saving it, if it can be shown."""
    kind = BY_EXTENSION.get(extension_of(each.name))
    if kind is None or not kind.shown:
        return Markup("")
    shape = "picture" if kind.group == "image" else "page"
    return Markup(' data-view="{}" data-shape="{}" data-name="{}"').format(
        url_for("files.view", identity=each.id), shape, each.name
    )
