"""Templates are compiled for a language, and show what they would show if nothing were compiled into them."""

from types import SimpleNamespace

import pytest
from flask import Flask, render_template
from flask_login import LoginManager
from jinja2 import DictLoader
from markupsafe import Markup

from blueprints import visitor
from blueprints.assets import icon
from blueprints.form_fields import control
from blueprints.templating import SETTINGS_AT_MOST, PageEnvironment

TEMPLATES = {
    "words.html": "{{ _('Save') }}|{{ _('Select {title}', title=title) }}",
    "quoted.html": "{{ _('<Save>') }}|{{ '<' }}",
    "macro.html": "{% macro control(x) %}({{ x }}){% endmacro %}{{ control(title) }}{{ hue('plus') }}",
    "frame.html": "1{% block whole %}{% block page %}{% endblock %}{% set n = 2 %}{{ n }}{% endblock %}",
    "blocks.html": "{% extends 'frame.html' %}{% block page %}{{ title }}{{ title|length }}{% endblock %}",
    "icons.html": "{{ icon('plus' if new else 'minus', small=True) }}{{ icon(title) }}",
    "around.html": "{% set x = 1 %}{% for each in (2, 3) %}{% include 'inside.html' %}{% endfor %}{{ x }}",
    "inside.html": "{% set x = each %}[{{ x }}{% for one in (7,) %}{{ loop.index }}{% endfor %}]",
    "tree.html": "{{ row.name }}{% for row in row.below %}({% include 'tree.html' %}){% endfor %}",
    "form.html": "{{ control(node, 7) }}",
    "widgets/choice.html": "{{ node.path }} {{ locale }} {{ _('Save') }} {{ record_id }}",
    "named.html": "{% for _ in (1, 2) %}{{ _ }}{% endfor %}",
    "address.html": "{{ url_for('home.show') }} {{ url_for('records.listing', app='a', entity=title) }}",
}
TREE = {"name": "a", "below": [{"name": "b", "below": [{"name": "c"}]}]}
CASES = [
    ("words.html", "en", {"title": "<A>"}, "Save|Select &lt;A&gt;"),
    ("words.html", "zh", {"title": "{0}"}, "保存|选择{0}"),
    ("words.html", "en", {"title": Markup("<b>A</b>")}, "Save|Select <b>A</b>"),
    ("macro.html", "en", {"title": "A"}, "(A)[plus]"),
    ("blocks.html", "en", {"title": "<A>"}, "1&lt;A&gt;32"),
    ("quoted.html", "en", {}, "&lt;Save&gt;|&lt;"),
    ("around.html", "en", {}, "[21][31]1"),
    (
        "tree.html",
        "en",
        {"row": {"name": "a", "below": [{"name": "b", "below": [{"name": "c"}]}]}},
        "a(b(c))",
    ),
    ("named.html", "en", {}, "12"),
    ("address.html", "en", {"title": "b"}, "/ /a/b"),
]


class Application(Flask):
    jinja_environment = PageEnvironment


@pytest.fixture
def app() -> Flask:
    found = Application("templates")
    found.secret_key = "secret"
    LoginManager(found).user_loader(lambda _secret: None)
    found.jinja_env.loader = DictLoader(TEMPLATES)
    found.jinja_env.globals.update(_=visitor.translated, icon=icon, asset=str)
    found.jinja_env.globals["hue"] = found.jinja_env.filters["hue"] = "[{}]".format
    found.add_url_rule("/", "home.show", str)
    found.add_url_rule("/<app>/<entity>", "records.listing", str)
    return found


def shown(app: Flask, name: str, locale: str, **values: object) -> str:
    with app.test_request_context("/", headers={"Accept-Language": locale}):
        return render_template(name, **values)


@pytest.mark.parametrize(("name", "locale", "values", "expected"), CASES)
def test_shown(app: Flask, name: str, locale: str, values: dict[str, object], expected: str) -> None:
    assert shown(app, name, locale, **values) == expected


@pytest.mark.parametrize(("name", "locale", "values", "expected"), CASES)
def test_shown_while_templates_are_written(
    app: Flask, name: str, locale: str, values: dict[str, object], expected: str
) -> None:
    app.jinja_env.auto_reload = True
    assert shown(app, name, locale, **values) == expected


@pytest.mark.parametrize("reloaded", [True, False])
def test_widgets_are_functions(app: Flask, reloaded: bool) -> None:
    """They know the language, although nothing of the page around them."""
    app.jinja_env.auto_reload = reloaded
    app.jinja_env.globals["control"] = control
    node = SimpleNamespace(widget="choice", path="kind", read_only=False, rows=None)
    assert shown(app, "form.html", "zh", node=node) == "kind zh 保存 7"


def test_languages_do_not_mix(app: Flask) -> None:
    """One process shows the same page to people of several languages, one after the other."""
    pages = [shown(app, "words.html", locale, title="a").partition("|")[0] for locale in ("en", "zh", "en")]
    assert pages == ["Save", "保存", "Save"]


def test_chosen_icons(app: Flask) -> None:
    plus, minus = (shown(app, "icons.html", "en", new=new, title="nothing known") for new in (True, False))
    assert "#plus" in plus
    assert "#minus" in minus
    assert "#file" in plus


def test_places_of_the_site_do_not_mix(app: Flask) -> None:
    for root in ("/one", "/two", ""):
        with app.test_request_context("/", base_url=f"http://localhost{root}/"):
            assert render_template("address.html", title="b") == f"{root}/ {root}/a/b"


def test_settings_are_bounded(app: Flask) -> None:
    assert isinstance(app.jinja_env, PageEnvironment)
    for number in range(SETTINGS_AT_MOST * 2):
        with app.test_request_context("/", base_url=f"http://localhost/{number}/"):
            render_template("named.html")
    assert len(app.jinja_env._by_setting) <= SETTINGS_AT_MOST


def test_constants_are_compiled(app: Flask) -> None:
    """What is constant is asked for when a template is compiled, and then no more."""
    asked = []

    def counted(text: str) -> str:
        asked.append(text)
        return text

    app.jinja_env.globals["_"] = counted
    app.jinja_env.bytecode_cache = None
    for _ in range(3):
        shown(app, "quoted.html", "en")
    assert asked == ["<Save>"]
