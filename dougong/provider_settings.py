"""The OpenID provider as the environment names it: DOUGONG_OIDC_ISSUER and what belongs to it."""

from collections.abc import Mapping

from engine.access.openid import Provider, is_safe
from engine.problems import Refused
from engine.text import say

PREFIX = "DOUGONG_OIDC_"
TRUE_WORDS = frozenset({"1", "true", "yes"})


def read_provider(environment: Mapping[str, str]) -> Provider | None:
    """The provider, None without an issuer; Refused with what would be right."""
    given = {
        name.removeprefix(PREFIX): text.strip()
        for name, text in environment.items()
        if name.startswith(PREFIX) and text.strip()
    }
    issuer = given.get("ISSUER")
    if issuer is None:
        return None
    if not is_safe(issuer):
        sentence = "DOUGONG_OIDC_ISSUER is “{value}”; it has to begin with https://."
        raise Refused(say(sentence, value=issuer))
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        if name not in given:
            raise Refused(say("With DOUGONG_OIDC_ISSUER {name} is needed as well.", name=f"{PREFIX}{name}"))
    return Provider(
        issuer=issuer,
        client_id=given["CLIENT_ID"],
        client_secret=given["CLIENT_SECRET"],
        label=given.get("LABEL", "OpenID"),
        username_claim=given.get("USERNAME_CLAIM", "preferred_username"),
        create=given.get("CREATE", "").lower() in TRUE_WORDS,
        roles_claim=given.get("ROLES_CLAIM", ""),
        roles=_roles(given.get("ROLES", "")),
    )


def provider_variables(provider: Provider | None) -> dict[str, str]:
    """The variables from which another process reads the same provider."""
    if provider is None:
        return {}
    found = {
        "ISSUER": provider.issuer,
        "CLIENT_ID": provider.client_id,
        "CLIENT_SECRET": provider.client_secret,
        "LABEL": provider.label,
        "USERNAME_CLAIM": provider.username_claim,
        "CREATE": "1" if provider.create else "",
        "ROLES_CLAIM": provider.roles_claim,
        "ROLES": ", ".join(f"{group}={role}" for group, role in provider.roles.items()),
    }
    return {f"{PREFIX}{name}": text for name, text in found.items()}


def _roles(text: str) -> dict[str, str]:
    """`Vertrieb=crm.sales, HR=hrm.hr` as group → role; Refused for what is not of this form."""
    found = {}
    for each in filter(None, (part.strip() for part in text.split(","))):
        group, sign, role = (part.strip() for part in each.rpartition("="))
        if not sign or not group or "." not in role:
            sentence = "DOUGONG_OIDC_ROLES has “{value}”; write group=app.role, several with commas."
            raise Refused(say(sentence, value=each))
        found[group] = role
    return found
