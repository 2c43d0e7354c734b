"""How values become part of a page."""

from typing import Any

# What `escape` calls for a text. It wraps each result, which takes four times as long as to escape it, and a
# page joins hundreds of them into one text.
from markupsafe import (  # type: ignore[attr-defined]
    Markup,
    _escape_inner,
    escape,
)


def written(value: Any) -> str:
    """The value as it stands in HTML: escaped, unless it is HTML. For texts that are joined at once."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    if kind is str:
        return _escape_inner(value)
    return escape(value)


def filled(template: str, *values: Any) -> Markup:
    """HTML with gaps (`%s`), filled with the values."""
    return Markup(template % tuple([written(each) for each in values]))  # noqa: S704 (each is escaped)
