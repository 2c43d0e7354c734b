"""What a chart can be: a number, bars … Each file in the folder `chart_types` declares one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definition.shown_options import ShownOption, a_grouping, a_measure, a_word, some_groupings
from engine.definition.terms import FLAG, JsonSchema, each

FORMATS = ("integer", "decimal", "money", "percent")


@dataclass(frozen=True, slots=True)
class ChartType:
    """A picture of figures: its name and its keys. `needs` are keys that it cannot be without.

    With `series` the same keys may stand in each series instead.
    """

    name: str
    icon: str
    options: Mapping[str, ShownOption] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    required: tuple[str, ...] = ()


FIGURES: JsonSchema = each("figure", at_least=1)
SERIES: JsonSchema = each("series", at_least=1)

VALUE = a_measure("What is worked out: `sum(amount)`, `avg(score)`, `count()`.")
PER = a_measure("What that is divided by, which makes a rate: `count()`.")
FORMAT = a_word({"enum": list(FORMATS)}, "How the figure is written, when it is not like its field.")
GROUP_BY = a_grouping("The groups: `stage`, `owner.department`, `month(close_date)`.")
SPLIT_BY = a_grouping("By what each group is divided further: a colour for each.")
LIMIT = a_word(
    {"type": "integer", "minimum": 1, "maximum": 1000}, "At most so many groups, the largest ones."
)
STACKED = a_word(FLAG, "Whether the parts of a group stand on one another.")
GOAL = a_word({"type": ["string", "number"], "minLength": 1}, "What is to be reached: `1000000`, `95%`.")
ROWS = some_groupings("The groups downwards.")
COLUMNS = some_groupings("The groups across.")
VALUES = a_word(FIGURES, "Several figures by their names.")
SERIES_OPTION = a_word(SERIES, "Several questions in one picture, which share its axis.")

MEASURED: Mapping[str, ShownOption] = {"value": VALUE, "per": PER, "format": FORMAT}
OVER_AN_AXIS: Mapping[str, ShownOption] = {
    **MEASURED,
    "group_by": GROUP_BY,
    "split_by": SPLIT_BY,
    "limit": LIMIT,
    "stacked": STACKED,
    "series": SERIES_OPTION,
}
PARTS_OF_A_WHOLE: Mapping[str, ShownOption] = {**MEASURED, "group_by": GROUP_BY, "limit": LIMIT}
TABLE: Mapping[str, ShownOption] = {**MEASURED, "rows": ROWS, "values": VALUES, "limit": LIMIT}
