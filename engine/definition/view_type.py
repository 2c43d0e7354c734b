"""What a view can be: a list, a board … Each file in the folder `view_types` declares one of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.definition.shown_options import ShownOption


@dataclass(frozen=True, slots=True)
class ViewType:
    """A way to show records: its name, its picture, and its keys beside those that all views have."""

    name: str
    icon: str
    options: Mapping[str, ShownOption] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    lists: bool = True
    """Whether it shows records, so that they can be filtered and sorted."""
