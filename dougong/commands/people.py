"""`dougong user` and `dougong token`: people, their roles, and the tokens of programs."""

import secrets
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click
from argon2 import PasswordHasher

from dougong.commands.options import as_json, opened_workspace, print_json, tell, with_settings
from dougong.settings import Settings
from engine.access.accounts import grant_roles, make_service, set_password, user_id_of
from engine.access.actors import ADMINISTRATOR
from engine.access.tokens import new_token, revoke_token, tokens_of
from engine.records.write import create
from engine.transaction import SYSTEM


@click.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("username")
@click.option("--password", help="Without it one is made up and printed.")
@click.option("--name", help="The person's name; else the user name.")
@click.option("--manager", metavar="USER", help="The user name of the person's manager.")
@click.option("--role", "roles", multiple=True, metavar="APP.ROLE", help="May be given several times.")
@click.option("--admin", is_flag=True, help="May do everything.")
@click.option("--service", is_flag=True, help="A program: it has tokens, and never a password.")
@as_json
@with_settings
def user_add(
    settings: Settings,
    username: str,
    password: str | None,
    name: str | None,
    manager: str | None,
    roles: tuple[str, ...],
    admin: bool,
    service: bool,
    as_json: bool,
) -> None:
    """Add a person with a user name, a password and roles; or with --service a program."""
    if service and password is not None:
        raise click.UsageError("--service and --password exclude each other.")
    made_up = password is None and not service
    password = password or secrets.token_urlsafe(12)
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        given = {
            "username": username,
            "name": name or username,
            "manager": user_id_of(transaction, manager) if manager else None,
        }
        identity = create(transaction, "system.user", given)
        if service:
            make_service(transaction, identity)
        else:
            set_password(transaction, identity, password, PasswordHasher())
        grant_roles(transaction, identity, [*roles, *([ADMINISTRATOR] if admin else [])])
    if as_json:
        print_json({"id": identity, "username": username, **({"password": password} if made_up else {})})
        return
    if service:
        tell("{username} is a program; “dougong token create” gives it a token.", username=username)
        return
    tell("{username} can sign in now.", username=username)
    if made_up:
        tell("The password is {password}", password=password)


@click.group()
def token() -> None:
    """Tokens with which programs use the API."""


@token.command("create")
@click.option("--user", "username", required=True, metavar="NAME", help="Whose rights the token has.")
@click.option("--name", default="", help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    metavar="SCOPE",
    help="read, write, read:crm, write:crm.deal …; several times. Without it: all that the person may.",
)
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), help="The last day on which it is valid, in UTC."
)
@with_settings
def token_create(
    settings: Settings, username: str, name: str, scopes: tuple[str, ...], expires: datetime | None
) -> None:
    """Make a token and print it, and nothing else. It is not kept and cannot be shown again."""
    ends = expires.replace(tzinfo=UTC) + timedelta(days=1) if expires else None
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        made = new_token(transaction, user_id_of(transaction, username), name, scopes, ends)
    click.echo(made)


@token.command("list")
@click.option("--user", "username", metavar="NAME", help="Only the tokens of this user.")
@as_json
@with_settings
def token_list(settings: Settings, username: str | None, as_json: bool) -> None:
    """Show the tokens, without their secrets: number, user, scopes, last use, end, name."""
    with opened_workspace(settings) as workspace, workspace.reading(SYSTEM) as transaction:
        found = tokens_of(transaction, user_id_of(transaction, username) if username else None)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    for each in found:
        used, ends = (
            moment.date().isoformat() if moment else "-" for moment in (each.last_used_at, each.expires_at)
        )
        click.echo(
            "\t".join((str(each.id), each.username, " ".join(each.scopes or ("*",)), used, ends, each.name))
        )


@token.command("revoke")
@click.argument("number", type=int)
@with_settings
def token_revoke(settings: Settings, number: int) -> None:
    """End the token with this number (`dougong token list`) for good."""
    with opened_workspace(settings) as workspace, workspace.writing(SYSTEM) as transaction:
        revoke_token(transaction, number)
    tell("Token {number} is revoked.", number=number)
