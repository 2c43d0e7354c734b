"""What the person who runs Dougong decides: which database, which folder, how it is reached.

Each comes from the command line, else from the environment, else has a default.
"""

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from dougong.provider_settings import provider_variables, read_provider
from engine.access.openid import Provider
from engine.access.rules import DEFAULT, WHO, Rules
from engine.fields.encryption import VARIABLE, FieldKeys
from engine.files.store import Store
from engine.problems import Refused
from engine.text import say

FIELD_KEYS_FILE = "fields.key"
SECRET_KEY_FILE = "secret.key"  # noqa: S105 - the name of the file, not what is in it
MEGABYTE = 1024 * 1024
HOUR = timedelta(hours=1)
SHORTEST_ALLOWED = 8
"""NIST SP 800-63B, 3.1.1.2: no fewer characters than this, with or without a second factor."""
TRUE_WORDS = frozenset({"1", "true", "yes"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What was decided.

    `database` is an SQLAlchemy URL; `data` the folder of keys, logs and files; `https` says that people come
    through TLS, so that cookies are sent over nothing else. `smtp` is where mail is handed in (none without),
    `mail_from` whom it comes from, `site` the address of the pages, which mails lead to. `proxies` are the
    trusted ones between the clients and here; `largest_upload` counts bytes; `rules` say how people sign in,
    `openid` at which provider they may; `field_keys` are the keys of encrypted fields, unless they lie in
    a file of the data folder.
    """

    database: str
    data: Path
    https: bool = False
    smtp: str = ""
    mail_from: str = ""
    site: str = ""
    proxies: int = 0
    largest_upload: int = 32 * MEGABYTE
    rules: Rules = DEFAULT
    openid: Provider | None = None
    field_keys: str = field(default="", repr=False)

    def environment(self) -> dict[str, str]:
        """The variables from which another process reads the same settings."""
        return {
            "DOUGONG_DATABASE": self.database,
            "DOUGONG_DATA": str(self.data),
            "DOUGONG_HTTPS": "1" if self.https else "",
            "DOUGONG_SMTP_URL": self.smtp,
            "DOUGONG_MAIL_FROM": self.mail_from,
            "DOUGONG_URL": self.site,
            "DOUGONG_TRUSTED_PROXIES": str(self.proxies),
            "DOUGONG_LARGEST_UPLOAD": str(self.largest_upload // MEGABYTE),
            "DOUGONG_SESSION_IDLE_HOURS": str(self.rules.idle // HOUR),
            "DOUGONG_SESSION_HOURS": str(self.rules.longest // HOUR),
            "DOUGONG_PASSWORD_LENGTH": str(self.rules.shortest_password),
            "DOUGONG_SECOND_FACTOR": self.rules.second_factor,
            VARIABLE: self.field_keys,
            "DOUGONG_API_CALLS_A_MINUTE": str(self.rules.calls_a_minute),
            **provider_variables(self.openid),
        }


def read_settings(
    environment: Mapping[str, str], database: str | None = None, data: str | None = None
) -> Settings:
    """The settings; what is given here wins over the environment. Refused for a number that is none."""
    folder = Path(data or environment.get("DOUGONG_DATA") or "data")
    url = database or environment.get("DOUGONG_DATABASE") or f"sqlite:///{(folder / 'dougong.db').as_posix()}"
    https = environment.get("DOUGONG_HTTPS", "").strip().lower() in TRUE_WORDS
    smtp, mail_from, site = (
        environment.get(f"DOUGONG_{name}", "").strip() for name in ("SMTP_URL", "MAIL_FROM", "URL")
    )
    return Settings(
        url,
        folder,
        https,
        smtp,
        mail_from,
        site,
        proxies=_whole(environment, "DOUGONG_TRUSTED_PROXIES", 0, 0, 10),
        largest_upload=_whole(environment, "DOUGONG_LARGEST_UPLOAD", 32, 1, 4096) * MEGABYTE,
        rules=_rules(environment),
        openid=read_provider(environment),
        field_keys=environment.get(VARIABLE, "").strip(),
    )


def _rules(environment: Mapping[str, str]) -> Rules:
    hours = {
        name: HOUR * _whole(environment, variable, default // HOUR, 1, 24 * 365)
        for name, variable, default in (
            ("idle", "DOUGONG_SESSION_IDLE_HOURS", DEFAULT.idle),
            ("longest", "DOUGONG_SESSION_HOURS", DEFAULT.longest),
        )
    }
    second_factor = environment.get("DOUGONG_SECOND_FACTOR", "").strip().lower()
    if second_factor not in WHO:
        sentence = "DOUGONG_SECOND_FACTOR is “{value}”; it can be empty, administrators or everybody."
        raise Refused(say(sentence, value=second_factor))
    return Rules(
        **hours,
        shortest_password=_whole(
            environment, "DOUGONG_PASSWORD_LENGTH", DEFAULT.shortest_password, SHORTEST_ALLOWED, 64
        ),
        second_factor=second_factor,
        calls_a_minute=_whole(
            environment, "DOUGONG_API_CALLS_A_MINUTE", DEFAULT.calls_a_minute, 0, 1_000_000
        ),
    )


def _whole(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    written = environment.get(name, "").strip()
    if not written:
        return default
    if not written.isdecimal() or not least <= int(written) <= most:
        sentence = "{name} is “{value}”; it has to be a whole number from {least} to {most}."
        raise Refused(say(sentence, name=name, value=written, least=least, most=most))
    return int(written)


def file_store(settings: Settings) -> Store:
    """Where files lie: a folder of the data folder."""
    return Store(settings.data / "files", settings.largest_upload)


def field_keys(settings: Settings) -> FieldKeys:
    """The keys of encrypted fields: those of the environment, else those of a file in the data folder."""
    return FieldKeys(settings.data / FIELD_KEYS_FILE, settings.field_keys.split())


def secret_key(folder: Path) -> str:
    """The key that signs sessions: kept in a file of the data folder, made at the first start.

    Several processes may start at once: each writes a file of its own, and linking it to the final name
    succeeds for one of them; all then read what that one wrote.
    """
    path = folder / SECRET_KEY_FILE
    if not path.exists():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=folder)  # readable and writable by this account alone
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(secrets.token_urlsafe(48))
            try:
                os.link(name, path)
            except FileExistsError:
                pass  # another process was first; its key holds
            finally:
                Path(name).unlink()
        except OSError as error:
            sentence = (
                "The secret key cannot be written to “{path}”: {reason}. DOUGONG_DATA names the folder."
            )
            raise Refused(say(sentence, path=path, reason=error.strerror or error)) from error
    key = path.read_text(encoding="ascii").strip()
    if len(key) < 32:
        sentence = "“{path}” holds no usable secret key. Remove the file; the next start makes a new one."
        raise Refused(say(sentence, path=path))
    return key
