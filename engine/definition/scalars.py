"""What an unquoted scalar means: exact numbers, true and false, or text; and what YAML 1.1 would misread."""

import re
from decimal import Decimal

from engine.text import Message, say

Plain = str | bool | int | Decimal | None

WHOLE = re.compile(r"[-+]?(0|[1-9][0-9_]{0,39})")
FRACTION = re.compile(r"[-+]?(0|[1-9][0-9_]*)?\.[0-9_]*")
LIKE_A_NUMBER = re.compile(
    r"[-+]?(0[0-7_]+|0x[0-9a-fA-F_]+|0b[01_]+|[1-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|\.(inf|Inf|INF)"
    r"|[0-9][0-9_]*\.[0-9_]*[eE][-+][0-9]+|0[0-9_]+\.[0-9_]*)|\.(nan|NaN|NAN)"
)
WORDS: dict[str, Plain] = {"": None, "~": None}
WORDS |= dict.fromkeys(("null", "Null", "NULL"))
WORDS |= dict.fromkeys(("true", "True", "TRUE"), True)
WORDS |= dict.fromkeys(("false", "False", "FALSE"), False)
TWICE_MEANT = {
    spelling: value
    for words, value in ((("yes", "on"), True), (("no", "off"), False))
    for word in words
    for spelling in (word, word.capitalize(), word.upper())
}


def resolved(written: str) -> tuple[Plain, Message | None]:
    """What an unquoted scalar means, and why it should not be written like this."""
    if written in WORDS:
        return WORDS[written], None
    if written in TWICE_MEANT:
        meant = "true" if TWICE_MEANT[written] else "false"
        return TWICE_MEANT[written], say(
            "YAML reads '{text}' as {meant}. Write {meant}, or put it in quotes when it is a text.",
            text=written,
            meant=meant,
        )
    if WHOLE.fullmatch(written):
        return int(written.replace("_", "")), None
    if FRACTION.fullmatch(written) and any(map(str.isdigit, written)):
        return Decimal(written.replace("_", "")), None
    if LIKE_A_NUMBER.fullmatch(written):
        return 0, say(
            "Some programs read '{text}' as another number. Put it in quotes when it is a text.", text=written
        )
    return written, None


def not_a_text_key(text: str) -> Message:
    """Why a key that YAML does not read as text is refused."""
    if text in TWICE_MEANT:
        meant = "true" if TWICE_MEANT[text] else "false"
        return say(
            "A key is a text, and YAML reads '{key}' as {meant}. Choose another word.", key=text, meant=meant
        )
    return say("A key is a text; '{key}' is not one. Names look like 'close_date'.", key=text)
