"""How people type characters: full-width forms of a Chinese keyboard, and characters that no text holds."""

import re

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Control characters and lone surrogates; PostgreSQL cannot store some of them."""

HALF_WIDTH = {
    **{full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0x3000, 0xA0, 0x2009, 0x202F), ord(" ")),
    ord("。"): ord("."),
    ord("、"): ord(","),
    ord("￥"): ord("¥"),
    ord("−"): ord("-"),
}

NUMBER = re.compile(
    r"[+-]?(?:[0-9]+|[0-9]{1,3}([, ])[0-9]{3}(?:\1[0-9]{3})*)(?:\.[0-9]*)?|[+-]?\.[0-9]+",
)
"""Digits, grouped by commas or blanks in threes or not at all."""

NUMBER_LENGTH = 60


def half_width(text: str) -> str:
    """`text` with full-width digits, letters and marks as their plain forms: `１，２３４。５` → `1,234.5`.

    Not Unicode's NFKC, which would also read `5²` as 52.
    """
    return text.translate(HALF_WIDTH).strip()


def plain_number(text: str) -> str | None:
    """The digits of a number as people write it (`1,234.50`, `1 234.5`), ready for Decimal; else None."""
    written = half_width(text)
    if len(written) > NUMBER_LENGTH or not NUMBER.fullmatch(written):
        return None
    return written.replace(",", "").replace(" ", "")
