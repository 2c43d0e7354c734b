"""Field types whose values have an order, and so may have a minimum and a maximum."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from engine.fields.field_type import FieldType, OptionRefused, Options, ValueRefused
from engine.fields.option_reading import value_option
from engine.text import Message, say

BOUNDS: tuple[str, ...] = ("min", "max")
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge", "between", "blank", "not_blank")


class OrderedType(FieldType):
    """Numbers, points in time and lengths of time."""

    operators: ClassVar[tuple[str, ...]] = COMPARISONS

    def read_options(self, raw: Mapping[str, Any]) -> Options:
        """As every type, with `min` and `max` as values of the field; raises OptionRefused."""
        options = self.read_own_options(super().read_options(raw))
        unbound = {**options, "min": None, "max": None}
        bounds = {key: value_option(raw, key, lambda given: self.accept(unbound, given)) for key in BOUNDS}
        low, high = bounds["min"], bounds["max"]
        if low is not None and high is not None and low > high:
            sentence = say("The minimum {min} is above the maximum {max}.", min=raw["min"], max=raw["max"])
            raise OptionRefused("min", sentence)
        return {**options, **bounds}

    def read_own_options(self, raw: Options) -> Options:
        """The options beside `min` and `max`, as values with their defaults."""
        return raw

    def raw_options(self, options: Options) -> dict[str, Any]:
        """As every type, with the bounds as JSON."""
        raw = super().raw_options(options)
        bounds = {key: self.to_json(options, raw[key]) for key in BOUNDS if key in raw}
        return {**raw, **bounds}

    def read(self, options: Options, value: Any) -> Any:
        """The value within its bounds."""
        known = self.read_unbound(options, value)
        low, high = options.get("min"), options.get("max")
        if low is not None and known < low:
            raise ValueRefused(self.below(self.shown(options, known), self.shown(options, low)))
        if high is not None and known > high:
            raise ValueRefused(self.above(self.shown(options, known), self.shown(options, high)))
        return known

    @abstractmethod
    def read_unbound(self, options: Options, value: Any) -> Any:
        """The value for what is sent, before its bounds are looked at; raises ValueRefused."""

    def shown(self, options: Options, value: Any) -> str:
        """The value as the sentences about bounds show it in every language."""
        return self.edit(options, value, "en")

    def below(self, value: str, minimum: str) -> Message:
        return say("“{value}” is less than the minimum of {min}.", value=value, min=minimum)

    def above(self, value: str, maximum: str) -> Message:
        return say("“{value}” is more than the maximum of {max}.", value=value, max=maximum)
