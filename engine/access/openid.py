"""Signing in at an OpenID provider by an authorization code (OpenID Connect Core 1.0, 3.1; PKCE, RFC 7636).

What the provider says is believed only in an ID token that it signed with one of its published keys, for us,
for this sign-in, and at this time.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from engine.problems import NotAllowed, Refused
from engine.text import Message, say

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519"]
"""Signatures with public keys alone: neither `none` nor a secret that somebody could guess we verify with."""
SECONDS_TO_ANSWER = 10
LEEWAY = 60
"""Seconds by which the clocks of the provider and of this machine may differ."""
LASTS = timedelta(minutes=10)
"""How long somebody may take at the provider."""
REMEMBERED = timedelta(hours=1)
"""How long the provider's addresses and keys are kept; an unknown key has them fetched at once."""
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Provider:
    """What was registered at a provider, and what its claims mean here.

    `roles` maps a value of the claim `roles_claim` to a role in full; without `create` only people who are
    there already come in.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str = ""
    username_claim: str = "preferred_username"
    create: bool = False
    roles_claim: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that is under way: kept in the visitor's cookie until they come back, and used once."""

    state: str
    nonce: str
    verifier: str
    begun_at: int


class OpenId:
    """One provider, with its addresses and keys as they were last fetched."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self._lock = Lock()
        self._fetched_at: datetime | None = None
        self._metadata: Mapping[str, Any] = {}
        self._keys: Mapping[str, Any] = {}

    def begin(self, redirect: str, now: datetime) -> tuple[str, Begun]:
        """Where the visitor goes, and what has to be kept until they come back."""
        metadata, _ = self._known(now)
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        begun = Begun(state, nonce, verifier, int(now.timestamp()))
        with self._session(redirect) as session:
            address, _ = session.create_authorization_url(
                metadata["authorization_endpoint"],
                state=begun.state,
                nonce=begun.nonce,
                code_verifier=begun.verifier,
            )
        return str(address), begun

    def finish(self, sent: Mapping[str, str], begun: Begun, redirect: str, now: datetime) -> dict[str, Any]:
        """The claims about whoever came back; NotAllowed with the reason, Refused when nobody answers."""
        if not hmac.compare_digest(sent.get("state", ""), begun.state):
            raise _refused(say("It was begun in another window, or came back twice."))
        if now - datetime.fromtimestamp(begun.begun_at, UTC) > LASTS:
            raise _refused(say("It took too long."))
        if sent.get("error") or not sent.get("code"):
            raise _refused(say("The provider says: {words}", words=sent.get("error", "")[:200] or "–"))
        metadata, keys = self._known(now)
        try:
            with self._session(redirect) as session:
                token = session.fetch_token(
                    metadata["token_endpoint"],
                    code=sent["code"],
                    code_verifier=begun.verifier,
                    timeout=SECONDS_TO_ANSWER,
                )
        except (AuthlibBaseError, requests.RequestException, ValueError) as error:
            raise _refused(say("The provider did not accept its own code.")) from error
        text, access = str(token.get("id_token", "")), str(token.get("access_token", ""))
        if _key_id(text) not in {each.get("kid") for each in keys.get("keys", ())}:
            _, keys = self._known(now, anew=True)
        return read_id_token(text, keys, self.provider, begun.nonce, access, now)

    def _session(self, redirect: str) -> OAuth2Session:
        return OAuth2Session(
            self.provider.client_id,
            self.provider.client_secret,
            scope="openid profile email",
            redirect_uri=redirect,
            code_challenge_method="S256",
        )

    def _known(self, now: datetime, *, anew: bool = False) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The provider's metadata (OpenID Connect Discovery 1.0, 4) and keys."""
        with self._lock:
            if anew or self._fetched_at is None or now - self._fetched_at > REMEMBERED:
                self._metadata = self._fetch_metadata()
                self._keys = _fetched(self._metadata["jwks_uri"])
                self._fetched_at = now
            return self._metadata, self._keys

    def _fetch_metadata(self) -> Mapping[str, Any]:
        issuer = self.provider.issuer
        metadata = _fetched(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        addresses = [metadata.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if metadata.get("issuer") != issuer or not all(map(is_safe, addresses)):
            raise Refused(say("What {issuer} says about itself does not fit.", issuer=issuer))
        return metadata


def is_safe(address: str | None) -> bool:
    """Whether an address of a provider is reached through TLS, or lies on this machine."""
    parts = urlsplit(address or "")
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOCAL)


def read_id_token(
    text: str, keys: Mapping[str, Any], provider: Provider, nonce: str, access: str, now: datetime
) -> dict[str, Any]:
    """The claims of an ID token that is valid for this sign-in (3.1.3.7); NotAllowed with the reason."""
    try:
        decoded = jwt.decode(text, KeySet.import_key_set(dict(keys)), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        claims = CodeIDToken(
            decoded.claims,
            decoded.header,
            options={
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
            },
            params={"nonce": nonce, "client_id": provider.client_id, "access_token": access},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
        raise _refused(say("Its token is not valid for this sign-in.")) from error
    return dict(decoded.claims)


def _fetched(address: str) -> Mapping[str, Any]:
    try:
        answer = requests.get(address, timeout=SECONDS_TO_ANSWER, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Refused(say("The sign-in provider does not answer. Please try again later.")) from error
    if not isinstance(found, dict):
        raise Refused(say("The sign-in provider does not answer. Please try again later."))
    return found


def _key_id(text: str) -> str | None:
    try:
        found: str | None = jws.extract_compact(text.encode()).headers().get("kid")
    except (JoseError, ValueError):
        return None
    return found


def _refused(reason: Message) -> NotAllowed:
    return NotAllowed(say("The sign-in at the provider was not completed. {reason}", reason=reason))
