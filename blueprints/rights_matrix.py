"""`/admin/rights`: who may do what, for everybody or for one person; for administrators."""

from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select

from blueprints import visitor
from blueprints.navigation import plural
from blueprints.values import entity_url, label
from engine.access.actors import find_actor
from engine.access.matrix import Called, EntityRights, matrix
from engine.access.people import USER
from engine.records.read import titles
from engine.text import Message, say
from engine.transaction import Transaction

blueprint = Blueprint("rights_matrix", __name__)

ACTIONS: dict[str, Message] = {
    "read": say("See"),
    "create": say("Create"),
    "update": say("Change"),
    "delete": say("Delete"),
    "export": say("Export"),
}


@blueprint.get("/admin/rights", endpoint="show")
def show() -> str:
    """The rules of every entity; with `?person=` those that concern one person, and what they come to."""
    chosen = request.args.get("person", "")
    with visitor.workspace().reading(visitor.person()) as transaction:
        found = matrix(transaction)
        person = None
        if chosen.isdigit() and len(chosen) < 19:
            person = find_actor(transaction.catalog, transaction.connection, int(chosen))
            found = matrix(transaction, person)
        apps = transaction.catalog.apps
        return render_template(
            "rights_matrix.html",
            people=_people(transaction),
            person=person,
            roles=[_role(transaction, each) for each in sorted(person.roles)] if person else [],
            actions=[words.to(visitor.locale()) for words in ACTIONS.values()],
            apps=[
                {
                    "label": label(app.label),
                    "entities": [_shown(each) for each in found if each.entity.definition.app == app.name],
                }
                for app in sorted(apps.values(), key=lambda each: each.name == "system")
            ],
        )


def _people(transaction: Transaction) -> list[tuple[int, str]]:
    table = transaction.catalog.entity(USER).table
    ids = transaction.connection.execute(select(table.c.id)).scalars().all()
    return sorted(titles(transaction, USER, ids).items(), key=lambda each: each[1])


def _role(transaction: Transaction, key: str) -> str:
    app, _, name = key.partition(".")
    known = transaction.catalog.apps.get(app)
    return label(known.roles[name].label) if known and name in known.roles else key


def _shown(rights: EntityRights) -> dict[str, Any]:
    locale = visitor.locale()
    return {
        "label": plural(rights.entity, locale),
        "url": entity_url(rights.entity.key),
        "owner": rights.owner.to(locale) if rights.owner else "",
        "rules": [
            {"who": _word(each.who), "cells": [each.actions[action] for action in ACTIONS]}
            for each in rights.rules
        ],
        "summary": [
            {
                "action": words.to(locale),
                "allowed": rights.summary[name].allowed,
                "reason": rights.summary[name].reason.to(locale),
            }
            for name, words in ACTIONS.items()
        ]
        if rights.summary
        else [],
        "fields": [
            {"label": label(each.label), "seen_by": _words(each.read), "set_by": _words(each.update)}
            for each in rights.fields
        ],
        "stages": [
            {"label": label(each.label), "edit": _words(each.edit)}
            for each in rights.stages
            if each.edit is not None
        ],
        "moves": [
            {
                "label": label(each.label),
                "way": " · ".join(label(source) for source in each.sources) + " → " + label(each.to),
                "by": _words(each.by),
                "when": each.when,
                "approval": each.approval,
            }
            for each in rights.moves
        ],
    }


def _word(one: Called) -> str:
    return one if isinstance(one, str) else one.to(visitor.locale())


def _words(several: tuple[Called, ...] | None) -> str:
    between = "、" if visitor.locale() == "zh" else ", "
    return "" if several is None else between.join(_word(each) for each in several)
