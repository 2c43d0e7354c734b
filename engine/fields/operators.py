"""The operators of filters that people build by choosing. A filter is a formula: each stands for its text.

People who look for “acme” mean Acme as well, so the operators for texts do not see the case of letters.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from engine.text import Text


@dataclass(frozen=True, slots=True)
class Operator:
    """`formula` has `{field}` and, for `values` 1 and 2, `{0}` and `{1}`; for None (any number) `{all}`."""

    name: str
    label: Text
    formula: str
    values: int | None = 1


OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        operator.name: operator
        for operator in (
            Operator("eq", Text({"en": "is", "zh": "等于"}), "{field} == {0}"),
            Operator("ne", Text({"en": "is not", "zh": "不等于"}), "{field} != {0}"),
            Operator("lt", Text({"en": "less than", "zh": "小于"}), "{field} < {0}"),
            Operator("le", Text({"en": "at most", "zh": "小于等于"}), "{field} <= {0}"),
            Operator("gt", Text({"en": "greater than", "zh": "大于"}), "{field} > {0}"),
            Operator("ge", Text({"en": "at least", "zh": "大于等于"}), "{field} >= {0}"),
            Operator("between", Text({"en": "between", "zh": "介于"}), "{0} <= {field} <= {1}", 2),
            Operator("before", Text({"en": "before", "zh": "早于"}), "{field} < {0}"),
            Operator("after", Text({"en": "after", "zh": "晚于"}), "{field} > {0}"),
            Operator(
                "contains", Text({"en": "contains", "zh": "包含"}), "contains(lower({field}), lower({0}))"
            ),
            Operator(
                "starts_with",
                Text({"en": "starts with", "zh": "开头是"}),
                "startswith(lower({field}), lower({0}))",
            ),
            Operator("in", Text({"en": "is one of", "zh": "属于"}), "{field} in [{all}]", None),
            Operator("not_in", Text({"en": "is none of", "zh": "不属于"}), "{field} not in [{all}]", None),
            Operator("has", Text({"en": "has", "zh": "含有"}), "{0} in {field}"),
            Operator("blank", Text({"en": "is blank", "zh": "为空"}), "{field} == blank", 0),
            Operator("not_blank", Text({"en": "is not blank", "zh": "不为空"}), "{field} != blank", 0),
        )
    }
)


def filter_text(operator: Operator, field: str, literals: Sequence[str]) -> str:
    """The formula of a chosen filter; `literals` are values as `FieldType.formula_literal` writes them."""
    return operator.formula.format(*literals, field=field, all=", ".join(literals))
