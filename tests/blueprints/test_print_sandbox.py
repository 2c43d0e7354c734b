"""Templates of documents: what they write, and that none reaches the host or goes on without end."""

from decimal import Decimal
from typing import Any

import pytest

from blueprints.print_sandbox import TemplateRefused, write_document

VALUES: dict[str, Any] = {
    "name": "<b>Acme</b>",
    "lines": [{"text": "Chair", "amount": Decimal("2.50")}, {"text": "Table", "amount": Decimal(4)}],
    "values": {"amount": Decimal(10)},
    "long": "x" * 1_000,
}


def written(template: str) -> str:
    return write_document(template, "templates/offer.html", VALUES)


def test_values_are_escaped_and_rows_are_looped_over() -> None:
    assert written("<p>{{ name }}</p>") == "<p>&lt;b&gt;Acme&lt;/b&gt;</p>"
    assert written("{% for l in lines %}{{ loop.index }} {{ l.text }} {% endfor %}") == "1 Chair 2 Table "
    assert written("{{ lines|sum(attribute='amount') }}") == "6.50"
    assert written("{% if values.amount > 5 %}large{% endif %}") == "large"
    assert written("{% macro bold(x) %}<b>{{ x }}</b>{% endmacro %}{{ bold(name) }}").startswith(
        "<b>&lt;b&gt;"
    )


@pytest.mark.parametrize(
    "attack",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ name.__class__.__base__.__subclasses__() }}",
        "{{ lines.__init__.__globals__ }}",
        "{{ lines|map(attribute='__class__')|list }}",
        "{{ name|attr('__class__') }}",
        "{{ '{0.__class__}'.format(name) }}",
        "{{ '%s' % name }}",
        "{{ self.__init__.__globals__ }}",
        "{{ self._TemplateReference__context.environment }}",
        "{{ loop }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ lipsum.__globals__ }}",
        "{{ config }}",
        "{{ request.application }}",
        "{{ get_flashed_messages.__globals__ }}",
        "{% include 'secret.key' %}",
        "{% import 'os' as os %}",
        "{% extends 'page.html' %}",
        "{{ lines.append(1) }}",
        "{{ values.update({'a': 1}) }}",
        "{{ name.upper() }}",
        "{{ caller() }}",
        "{% set x = namespace() %}{{ x }}",
        "{{ lines }}",
    ],
)
def test_no_template_reaches_the_host(attack: str) -> None:
    with pytest.raises(TemplateRefused, match=r"templates/offer.html, line 1"):
        written(attack)


@pytest.mark.parametrize(
    "endless",
    [
        "{{ 9 ** 9 ** 9 ** 9 }}",
        "{{ 'x' * 1000000000 }}",
        "{{ [1] * 1000000000 }}",
        "{{ ('x' ~ long) + long }}",
        "{% for a in range(1000000000) %}x{% endfor %}",
        "{% for a in long %}{% for b in long %}{% for c in long %}{% endfor %}{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
        "{% for a in long recursive %}{{ loop(long) }}{% endfor %}",
        "{{ '%999999999d' % 5 }}",
        "{{ name|center(1000000000) }}",
        "{{ name|indent(1000000000) }}",
        "{{ 1|round(999999999, 'ceil') }}",
        "{{ 1 / 0 }}",
        "x" * 300_000,
        "{% for a in long %}{% for b in lines %}{{ long ~ long ~ long }}{% endfor %}{% endfor %}",
        "{% macro f(x, n) %}{% if n %}{{ f(x ~ x, n - 1) }}{% endif %}{% endmacro %}{{ f(long, 40) }}",
        "{% macro f(x, n) %}{% if n %}{{ f([x, x], n - 1) }}{% endif %}{% endmacro %}{{ f(long, 40) }}",
        "{% macro f(x, n) %}{% if n %}{{ f(x * x, n - 1) }}{% endif %}{% endmacro %}{{ f(9, 60) }}",
        "{{ [1]|batch(1000000000, 1)|list }}",
        "{{ long|replace('x', long)|replace('x', long)|replace('x', long) }}",
        "{{ " + "(" * 5_000 + ")" * 5_000 + " }}",
    ],
)
def test_no_template_goes_on_without_end(endless: str) -> None:
    with pytest.raises(TemplateRefused):
        written(endless)


def test_a_mistake_is_told_with_its_line() -> None:
    with pytest.raises(TemplateRefused) as refused:
        written("<p>\n{{ nmae }}</p>")
    said = "The document cannot be printed: templates/offer.html, line 2: 'nmae' is undefined"
    assert str(refused.value) == said
    with pytest.raises(TemplateRefused, match="line 3: Unexpected end of template"):
        written("<p>\n\n{% for l in lines %}")
