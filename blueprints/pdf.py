"""Documents as PDF, on sites that have the package which draws them: the extra `pdf` of the distribution.

What a document refers to is never fetched from a network or a disk. Its pictures come from `pictures`, which
knows what the reader may see; anything else stays empty.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import urlsplit

from blueprints.assets import STATIC, asset_file

try:
    import plutoprint
except ImportError:
    MAKES_PDF = False
else:
    MAKES_PDF = True

NOWHERE = "https://document.invalid"
"""Where the document is said to lie, so that addresses of the site are recognised; nobody can own it."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as its bytes, with the type of its content."""

    content: bytes
    media_type: str


Pictures = Callable[[str], Picture | None]
"""From the path of an address on this site to the picture there; None where the reader sees none."""


def makes_pdf() -> bool:
    """Whether this site has the package that makes PDF."""
    return MAKES_PDF


def as_pdf(page: str, pictures: Pictures) -> bytes:
    """A page of HTML as an A4 document with the looks of printed documents."""
    styles = (STATIC / "dist" / asset_file("paper.css")).read_text(encoding="utf-8")
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4, media=plutoprint.MEDIA_TYPE_PRINT)
    book.custom_resource_fetcher = _fetcher(pictures)
    book.load_html(page, user_style=styles, base_url=NOWHERE)
    written = BytesIO()
    book.write_to_pdf_stream(written)
    return written.getvalue()


def _fetcher(pictures: Pictures) -> "plutoprint.ResourceFetcher":
    """What the package asks for addresses: only pictures of this site are given out."""

    class Fetcher(plutoprint.ResourceFetcher):
        def fetch_url(self, url: str) -> plutoprint.ResourceData:
            path = urlsplit(url).path if url.startswith(f"{NOWHERE}/") else ""
            found = pictures(path) if path else None
            content, media_type = (found.content, found.media_type) if found else (b"", "text/plain")
            return plutoprint.ResourceData(content, media_type, "utf-8")

    return Fetcher()
