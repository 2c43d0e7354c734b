"""What the person who runs Dougong decides: which database, which folder, how it is reached.

Each comes from the command line, else from the environment, else has a default.
"""

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.problems import Refused
from engine.text import say

SECRET_KEY_FILE = "secret.key"  # noqa: S105 - the name of the file, not what is in it
TRUE_WORDS = frozenset({"1", "true", "yes"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What was decided.

    `database` is an SQLAlchemy URL; `data` the folder of keys, logs and files; `https` says that people come
    through TLS, so that cookies are sent over nothing else. `smtp` is where mail is handed in (none without),
    `mail_from` whom it comes from, `site` the address of the pages, which mails lead to.
    """

    database: str
    data: Path
    https: bool = False
    smtp: str = ""
    mail_from: str = ""
    site: str = ""

    def environment(self) -> dict[str, str]:
        """The variables from which another process reads the same settings."""
        return {
            "DOUGONG_DATABASE": self.database,
            "DOUGONG_DATA": str(self.data),
            "DOUGONG_HTTPS": "1" if self.https else "",
            "DOUGONG_SMTP_URL": self.smtp,
            "DOUGONG_MAIL_FROM": self.mail_from,
            "DOUGONG_URL": self.site,
        }


def read_settings(
    environment: Mapping[str, str], database: str | None = None, data: str | None = None
) -> Settings:
    """The settings; what is given here wins over the environment."""
    folder = Path(data or environment.get("DOUGONG_DATA") or "data")
    url = database or environment.get("DOUGONG_DATABASE") or f"sqlite:///{(folder / 'dougong.db').as_posix()}"
    https = environment.get("DOUGONG_HTTPS", "").strip().lower() in TRUE_WORDS
    smtp, mail_from, site = (
        environment.get(f"DOUGONG_{name}", "").strip() for name in ("SMTP_URL", "MAIL_FROM", "URL")
    )
    return Settings(url, folder, https, smtp, mail_from, site)


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
