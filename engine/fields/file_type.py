"""Fields that hold files. The value is a text, a line for each file: its number and name, `12/offer.pdf`.

The number is that of a row in `dougong_file`, which tells the rest; formulas and filters see the text.
Whether a file may be put into a field is asked where records are written: `engine/records/files.py`.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

from sqlalchemy.types import TypeEngine

from engine.fields.field_type import (
    TIME_ZONE,
    FieldType,
    FileRule,
    JsonSchema,
    OptionRefused,
    Options,
    ValueRefused,
    quoted,
)
from engine.fields.file_kinds import BY_EXTENSION, GROUPS, extensions_of
from engine.fields.option_reading import whole_option
from engine.fields.text_type import cleaned, text_column
from engine.formula.types import TEXT, Type
from engine.problems import unknown
from engine.text import say

LARGEST_ID = 2**63 - 1
LONGEST_NAME = 200
MOST_FILES = 50
LINE = re.compile(r"#?([0-9]{1,19})(?:/([^\n]*))?")
SIZE = re.compile(r"(?i)\s*([0-9]{1,6})\s*(kb|mb)\s*")
UNITS = {"kb": 1_000, "mb": 1_000_000}
IMPOSSIBLE = re.compile(r'[\x00-\x1f\x7f/\\<>:"|?*]')


class KeptFile(NamedTuple):
    """A file as a value names it; the name may be missing in what a program sends."""

    id: int
    name: str


def files_in(text: str | None) -> tuple[KeptFile, ...]:
    """The files of a value."""
    lines = [line.partition("/") for line in (text or "").split("\n") if line]
    return tuple(KeptFile(int(number), name) for number, _, name in lines)


def written(files: tuple[KeptFile, ...]) -> str | None:
    """The value that holds these files; None for none."""
    return "\n".join(f"{each.id}/{each.name}" for each in files) or None


def tidy_name(name: str) -> str:
    """A file's name as it may be kept: no path, no control characters, not too long.

    >>> tidy_name("letters/offer?.pdf")
    'offer-.pdf'
    """
    last = re.split(r"[/\\]", name.strip())[-1]
    plain = IMPOSSIBLE.sub("-", last).strip(" .") or "file"
    stem, point, extension = plain.rpartition(".")
    room = LONGEST_NAME - len(extension) - 1
    return f"{stem[:room]}{point}{extension}" if stem else plain[:LONGEST_NAME]


def size_option(raw: Mapping[str, Any], key: str, default: str) -> int:
    """A size such as `10 MB`, in bytes; raises OptionRefused."""
    given = raw.get(key, default)
    found = SIZE.fullmatch(given) if isinstance(given, str) else None
    if not found or int(found[1]) == 0:
        sentence = say("'{key}' must be a size such as 10 MB, not “{value}”.", key=key, value=quoted(given))
        raise OptionRefused(key, sentence)
    return int(found[1]) * UNITS[found[2].lower()]


class FileType(FieldType):
    """What file, image and signature have in common."""

    group = "other"
    widget = "file"
    operators = ("contains", "blank", "not_blank")
    sortable = False
    size: ClassVar[str] = "20 MB"
    """The greatest size where the definition names none."""
    pictures: ClassVar[bool] = False
    option_schemas: ClassVar[Mapping[str, JsonSchema]] = {
        "max_size": {"type": "string", "description": "The greatest size of a file, such as 10 MB."},
        "accept": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Which kinds: extensions such as pdf, or image, document, spreadsheet, archive.",
        },
        "count": {
            "type": "integer",
            "minimum": 1,
            "maximum": MOST_FILES,
            "default": 1,
            "description": "How many files it holds at most.",
        },
    }

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        accept = raw.get("accept")
        if accept is not None and (not isinstance(accept, (list, tuple)) or not accept):
            sentence = say("'{key}' must be a list of kinds, such as [pdf, image].", key="accept")
            raise OptionRefused("accept", sentence)
        for word in accept or ():
            if word not in BY_EXTENSION and word not in GROUPS:
                sentence = say("'accept' names “{value}”, which is no kind of file.", value=quoted(word))
                raise OptionRefused("accept", unknown(sentence, str(word), [*BY_EXTENSION, *GROUPS]))
        own = super().read_options(raw)
        size = size_option(raw, "max_size", self.size)
        return {
            **own,
            "max_size": f"{size // 1000} KB" if size % 1_000_000 else f"{size // 1_000_000} MB",
            "accept": tuple(accept) if accept else None,
            "count": whole_option(raw, "count", 1, MOST_FILES, 1),
        }

    def raw_options(self, options: Options) -> dict[str, Any]:
        raw = super().raw_options(options)
        return {**raw, "accept": list(raw["accept"])} if "accept" in raw else raw

    def files(self, options: Options) -> FileRule:
        return FileRule(
            size_option(options, "max_size", self.size),
            options["count"],
            extensions_of(options["accept"] or self.kinds),
            self.pictures,
        )

    kinds: ClassVar[tuple[str, ...]] = ()
    """The kinds where the definition names none; all when this is empty."""

    def column(self, options: Options) -> TypeEngine[Any]:
        return text_column()

    def formula_type(self, options: Options) -> Type:
        return TEXT

    def read(self, options: Options, value: Any) -> str | None:
        """Numbers of uploaded files, alone, as {"id": …}, or as the lines of a value."""
        sent = value.split("\n") if isinstance(value, str) else value
        items = sent if isinstance(sent, (list, tuple)) else [sent]
        files = tuple(self._one(each) for each in items if each is not None and each != "")
        files = tuple({each.id: each for each in files}.values())
        if len(files) > options["count"]:
            sentence = say(
                "{count} files are too many; at most {most} are possible.",
                count=len(files),
                most=options["count"],
            )
            raise ValueRefused(sentence)
        return written(files)

    def _one(self, sent: Any) -> KeptFile:
        name = ""
        if isinstance(sent, Mapping):
            sent, name = sent.get("id"), sent.get("name") or ""
        elif isinstance(sent, str):
            found = LINE.fullmatch(cleaned(sent))
            sent, name = (int(found[1]), found[2] or "") if found else (sent, "")
        known = isinstance(sent, int) and not isinstance(sent, bool) and 1 <= sent <= LARGEST_ID
        if not known or not isinstance(name, str):
            raise ValueRefused(say("“{value}” is not the number of an uploaded file.", value=quoted(sent)))
        return KeptFile(sent, tidy_name(cleaned(name)) if name.strip() else "")

    def to_json(self, options: Options, value: Any) -> Any:
        """`{"id", "name"}`; a list of them where the field holds several."""
        if value is None:
            return None
        found = [{"id": each.id, "name": each.name} for each in files_in(value)]
        return found if options["count"] > 1 else found[0]

    def format(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        joint = "、" if locale.startswith("zh") else ", "
        return joint.join(each.name or f"#{each.id}" for each in files_in(value))

    def edit(self, options: Options, value: Any, locale: str, time_zone: str = TIME_ZONE) -> str:
        return value or ""

    def json_schema(self, options: Options) -> JsonSchema:
        number: JsonSchema = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
        one: JsonSchema = {
            "anyOf": [
                number,
                {
                    "type": "object",
                    "properties": {"id": number, "name": {"type": "string"}},
                    "required": ["id"],
                },
            ]
        }
        if options["count"] == 1:
            return self.extended(options, one)
        return self.extended(options, {"type": "array", "items": one, "maxItems": options["count"]})
