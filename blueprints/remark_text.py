"""A comment as a page shows it: mentions stand out."""

from markupsafe import Markup, escape

from engine.workflow.mentions import MENTION


def with_mentions(text: str) -> Markup:
    """The text, escaped, each @username marked."""
    shown, at = Markup(""), 0
    for found in MENTION.finditer(text):
        shown += escape(text[at : found.start()])
        shown += Markup('<b class="at-name">{}</b>').format(found[0])
        at = found.end()
    return shown + escape(text[at:])
