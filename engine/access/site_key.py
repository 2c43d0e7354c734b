"""Keys for single purposes, derived from the one secret of the site: none opens what another locks."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from itsdangerous import URLSafeTimedSerializer


@dataclass(frozen=True, slots=True)
class SiteKey:
    """The secret of the site, which lies in a file of the data folder and never in the database."""

    secret: str = field(repr=False)

    def signer(self, purpose: str) -> URLSafeTimedSerializer:
        """Signs small values for one purpose, with their time."""
        return URLSafeTimedSerializer(self._derived(purpose))

    def lock(self, purpose: str, value: str) -> str:
        """A value encrypted, for keeping in the database."""
        return Fernet(self._derived(purpose)).encrypt(value.encode()).decode()

    def unlock(self, purpose: str, locked: str) -> str | None:
        """The value again; None when it was locked with another key."""
        try:
            return Fernet(self._derived(purpose)).decrypt(locked.encode()).decode()
        except InvalidToken:
            return None

    def _derived(self, purpose: str) -> bytes:
        return urlsafe_b64encode(hmac.digest(self.secret.encode(), purpose.encode(), "sha256"))
