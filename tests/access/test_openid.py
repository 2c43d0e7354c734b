"""ID tokens: only one that the provider signed, for us, for this sign-in, at this time, is believed."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from engine.access.openid import Provider, is_safe, read_id_token
from engine.problems import NotAllowed

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
AT = int(NOW.timestamp())
PROVIDER = Provider("https://id.example", "dougong", "a secret of the client")
OURS = RSAKey.generate_key(2048, {"kid": "ours"})
THEIRS = RSAKey.generate_key(2048, {"kid": "ours"})
KEYS = KeySet([OURS]).as_dict(private=False)
CLAIMS: Mapping[str, Any] = {
    "iss": "https://id.example",
    "sub": "248289761001",
    "aud": "dougong",
    "nonce": "n-0S6",
    "iat": AT,
    "exp": AT + 300,
}


def signed(claims: Mapping[str, Any], alg: str = "RS256", key: Any = OURS) -> str:
    return jwt.encode({"alg": alg, "kid": "ours"}, dict(claims), key, algorithms=[alg])


def read(text: str) -> dict[str, Any]:
    return read_id_token(text, KEYS, PROVIDER, "n-0S6", "access", NOW)


def test_a_good_one_is_believed() -> None:
    assert read(signed(CLAIMS))["sub"] == "248289761001"
    assert read(signed({**CLAIMS, "aud": ["dougong"], "azp": "dougong"}))["sub"] == "248289761001"
    assert read(signed({**CLAIMS, "exp": AT - 30})), "the clocks may differ by a minute"


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def changed(claims: Mapping[str, Any]) -> str:
    """Other claims under the signature of the good ones."""
    header, _, signature = signed(CLAIMS).split(".")
    return f"{header}.{signed(claims).split('.')[1]}.{signature}"


def forged(alg: str, secret: bytes) -> str:
    """A token put together by hand: no library makes these."""
    parts = [
        urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=")
        for each in ({"alg": alg, "kid": "ours"}, dict(CLAIMS))
    ]
    signature = hmac.digest(secret, b".".join(parts), "sha256") if secret else b""
    return b".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=")]).decode()


ATTACKS: Mapping[str, Callable[[], str]] = {
    "another nonce: a token of another sign-in": lambda: signed({**CLAIMS, "nonce": "other"}),
    "no nonce": lambda: signed(without("nonce")),
    "for somebody else": lambda: signed({**CLAIMS, "aud": "another-client"}),
    "for several, and we are not the one who asked": lambda: signed(
        {**CLAIMS, "aud": ["dougong", "other"], "azp": "other"}
    ),
    "of another issuer": lambda: signed({**CLAIMS, "iss": "https://id.example.evil"}),
    "expired": lambda: signed({**CLAIMS, "exp": AT - 61}),
    "not yet": lambda: signed({**CLAIMS, "nbf": AT + 3600}),
    "without an end": lambda: signed(without("exp")),
    "without a subject": lambda: signed(without("sub")),
    "signed with another key of the same name": lambda: signed(CLAIMS, key=THEIRS),
    "alg none": lambda: forged("none", b""),
    "HS256 with the public key as its secret": lambda: forged("HS256", OURS.as_pem(private=False)),
    "HS256 with the client secret": lambda: forged("HS256", b"a secret of the client"),
    "changed after it was signed": lambda: changed({**CLAIMS, "sub": "1"}),
    "of another access token": lambda: signed({**CLAIMS, "at_hash": "77QmUPtjPfzWtF2AnpK9RQ"}),
    "no token at all": lambda: "",
    "nonsense": lambda: "a.b.c",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_any_other_is_refused(attack: str) -> None:
    with pytest.raises(NotAllowed, match="Its token is not valid for this sign-in"):
        read(ATTACKS[attack]())


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example/.well-known", True),
        ("http://127.0.0.1:9000/x", True),
        ("http://id.example", False),
        ("file:///etc/passwd", False),
        (None, False),
    ],
)
def test_addresses_are_reached_through_tls(address: str | None, safe: bool) -> None:
    assert is_safe(address) is safe


def test_the_secret_is_not_printed() -> None:
    assert "secret" not in repr(PROVIDER).replace("client_secret", "")
