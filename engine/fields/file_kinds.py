"""The kinds of files that are kept, and how each is known by its first bytes, whatever its name says.

Where several kinds share a container (all of Office's are ZIP archives), the container has to agree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

HEAD = 4096
"""How many bytes tell the kind."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLE = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)


@dataclass(frozen=True, slots=True)
class FileKind:
    """`starts`: one of these bytes stands at `offset`; none for plain text. `shown`: browsers may show it."""

    extensions: tuple[str, ...]
    media_type: str
    group: str
    starts: tuple[bytes, ...] = ()
    offset: int = 0
    shown: bool = False

    def is_content(self, head: bytes) -> bool:
        """Whether a file that begins like this can be of this kind."""
        if not self.starts:
            return is_text(head)
        return any(head[self.offset : self.offset + len(each)] == each for each in self.starts)


def is_text(head: bytes) -> bool:
    """Whether the bytes are text: no NUL, and UTF-8 or GB 18030 but for a character cut off at the end."""
    if b"\0" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start >= len(head) - 4 and len(head) >= HEAD - 4:
                return True
        else:
            return True
    return False


OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"
KINDS = (
    FileKind(("png",), "image/png", "image", (b"\x89PNG\r\n\x1a\n",), shown=True),
    FileKind(("jpg", "jpeg"), "image/jpeg", "image", (b"\xff\xd8\xff",), shown=True),
    FileKind(("gif",), "image/gif", "image", (b"GIF87a", b"GIF89a"), shown=True),
    FileKind(("webp",), "image/webp", "image", (b"WEBP",), 8, shown=True),
    FileKind(("bmp",), "image/bmp", "image", (b"BM",)),
    FileKind(("tif", "tiff"), "image/tiff", "image", (b"II*\0", b"MM\0*")),
    FileKind(("heic", "heif"), "image/heic", "image", (b"ftyphei", b"ftypmif1", b"ftypmsf1"), 4),
    FileKind(("pdf",), "application/pdf", "document", (b"%PDF-",), shown=True),
    FileKind(("docx",), f"{OFFICE}.wordprocessingml.document", "document", ZIP),
    FileKind(("xlsx",), f"{OFFICE}.spreadsheetml.sheet", "spreadsheet", ZIP),
    FileKind(("pptx",), f"{OFFICE}.presentationml.presentation", "document", ZIP),
    FileKind(("odt",), f"{OPEN}.text", "document", ZIP),
    FileKind(("ods",), f"{OPEN}.spreadsheet", "spreadsheet", ZIP),
    FileKind(("odp",), f"{OPEN}.presentation", "document", ZIP),
    FileKind(("doc", "wps"), "application/msword", "document", OLE),
    FileKind(("xls", "et"), "application/vnd.ms-excel", "spreadsheet", OLE),
    FileKind(("ppt",), "application/vnd.ms-powerpoint", "document", OLE),
    FileKind(("msg",), "application/vnd.ms-outlook", "document", OLE),
    FileKind(("ofd",), "application/ofd", "document", ZIP),
    FileKind(("rtf",), "application/rtf", "document", (b"{\\rtf",)),
    FileKind(("txt", "md", "log"), "text/plain", "document"),
    FileKind(("csv", "tsv"), "text/csv", "spreadsheet"),
    FileKind(("json",), "application/json", "data"),
    FileKind(("xml",), "application/xml", "data"),
    FileKind(("yaml", "yml"), "application/yaml", "data"),
    FileKind(("ics",), "text/calendar", "data"),
    FileKind(("eml",), "message/rfc822", "document"),
    FileKind(("zip",), "application/zip", "archive", ZIP),
    FileKind(("7z",), "application/x-7z-compressed", "archive", (b"7z\xbc\xaf\x27\x1c",)),
    FileKind(("rar",), "application/vnd.rar", "archive", (b"Rar!\x1a\x07",)),
    FileKind(("gz",), "application/gzip", "archive", (b"\x1f\x8b",)),
    FileKind(("mp4", "m4v", "mov"), "video/mp4", "video", (b"ftyp",), 4),
    FileKind(("mp3",), "audio/mpeg", "audio", (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    FileKind(("m4a",), "audio/mp4", "audio", (b"ftyp",), 4),
    FileKind(("wav",), "audio/wav", "audio", (b"WAVE",), 8),
    FileKind(("dwg",), "image/vnd.dwg", "document", (b"AC10",)),
)

BY_EXTENSION: Mapping[str, FileKind] = MappingProxyType(
    {extension: kind for kind in KINDS for extension in kind.extensions}
)
GROUPS = tuple(dict.fromkeys(kind.group for kind in KINDS))
"""Words that stand for several kinds: image, document, spreadsheet …"""


def extension_of(name: str) -> str:
    """`Offer.PDF` → `pdf`; empty when the name has none."""
    stem, point, extension = name.rpartition(".")
    return extension.lower() if point and stem else ""


def extensions_of(accept: tuple[str, ...]) -> tuple[str, ...]:
    """Extensions and groups as extensions; all of them for none."""
    if not accept:
        return tuple(BY_EXTENSION)
    found = [
        extension
        for word in accept
        for extension, kind in BY_EXTENSION.items()
        if word in {extension, kind.group}
    ]
    return tuple(dict.fromkeys(found))
