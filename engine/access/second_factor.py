"""The second factor: six digits from an app on the person's phone (TOTP, RFC 6238), or a recovery code.

The secret is kept encrypted with the key of the site. A code is taken once (RFC 6238, 5.2): the step of the
last one is kept, and an equal or earlier one is refused, also when two come at the same moment.
"""

import hmac
import secrets
from hashlib import sha256

import pyotp
from sqlalchemy import delete, insert, select, update

from engine.access.actors import find_actor
from engine.access.audit import record
from engine.access.rules import ADMINISTRATORS, EVERYBODY, Rules
from engine.access.site_key import SiteKey
from engine.problems import InputRefused, NotAllowed, Problem
from engine.schema.system_tables import recovery_code, second_factor
from engine.text import say
from engine.transaction import Actor, Transaction

PURPOSE = "secrets of second factors"
PERIOD = 30
"""Seconds for which a code is shown."""
ADRIFT = 1
"""Periods by which the phone's clock may be wrong, either way."""
CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and digits that nobody takes for another one."""


def needs_second_factor(actor: Actor, rules: Rules) -> bool:
    """Whether this person has to have one."""
    return rules.second_factor == EVERYBODY or (rules.second_factor == ADMINISTRATORS and actor.administrator)


def has_second_factor(transaction: Transaction, user_id: int) -> bool:
    """Whether codes are asked for when this person signs in."""
    found = select(second_factor.c.user_id).where(
        second_factor.c.user_id == user_id, second_factor.c.confirmed_at.is_not(None)
    )
    return transaction.connection.execute(found).first() is not None


def begin_second_factor(transaction: Transaction, key: SiteKey, user_id: int) -> str:
    """A new secret, which counts when a code of it was entered; gives what the phone reads (`otpauth:…`)."""
    connection = transaction.connection
    if has_second_factor(transaction, user_id):
        raise NotAllowed(say("There is a second factor already. Remove it first."))
    secret = pyotp.random_base32()
    connection.execute(delete(second_factor).where(second_factor.c.user_id == user_id))
    locked = key.lock(PURPOSE, secret)
    connection.execute(insert(second_factor).values(user_id=user_id, secret=locked, last_step=0))
    return _address(transaction, user_id, secret)


def begun_second_factor(transaction: Transaction, key: SiteKey, user_id: int) -> str | None:
    """What the phone reads, of a second factor that was begun and is not confirmed yet."""
    kept = transaction.connection.execute(
        select(second_factor.c.secret).where(
            second_factor.c.user_id == user_id, second_factor.c.confirmed_at.is_(None)
        )
    ).scalar()
    secret = key.unlock(PURPOSE, kept) if kept else None
    return _address(transaction, user_id, secret) if secret else None


def confirm_second_factor(transaction: Transaction, key: SiteKey, user_id: int, code: str) -> list[str]:
    """Puts the second factor in force; gives the recovery codes, which are shown this once."""
    if not _takes(transaction, key, user_id, code):
        raise InputRefused([Problem("code", say("The code is not right. Check the clock of your phone."))])
    transaction.connection.execute(
        update(second_factor).where(second_factor.c.user_id == user_id).values(confirmed_at=transaction.now)
    )
    record(transaction, "second_factor_on", about="system.user", identity=user_id)
    return make_recovery_codes(transaction, user_id)


def is_second_factor(transaction: Transaction, key: SiteKey, user_id: int, code: str) -> bool:
    """Whether this is the code of now, or a recovery code; neither is taken a second time."""
    sent = "".join(code.split()).replace("-", "").lower()
    if sent.isdigit() and len(sent) == 6:
        return _takes(transaction, key, user_id, sent)
    used = transaction.connection.execute(
        update(recovery_code)
        .where(
            recovery_code.c.user_id == user_id,
            recovery_code.c.code_hash == _digest(user_id, sent),
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=transaction.now)
    )
    if used.rowcount:
        record(transaction, "recovery_code_used", about="system.user", identity=user_id)
    return bool(used.rowcount)


def make_recovery_codes(transaction: Transaction, user_id: int) -> list[str]:
    """Ten new recovery codes instead of those that were there; only their hashes are kept."""
    made = ["".join(secrets.choice(ALPHABET) for _ in range(10)) for _ in range(CODES)]
    connection = transaction.connection
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    connection.execute(
        insert(recovery_code), [{"user_id": user_id, "code_hash": _digest(user_id, each)} for each in made]
    )
    record(transaction, "recovery_codes_made", about="system.user", identity=user_id)
    return [f"{each[:5]}-{each[5:]}" for each in made]


def recovery_codes_left(transaction: Transaction, user_id: int) -> int:
    """How many recovery codes were not used yet."""
    found = select(recovery_code.c.code_hash).where(
        recovery_code.c.user_id == user_id, recovery_code.c.used_at.is_(None)
    )
    return len(transaction.connection.execute(found).all())


def remove_second_factor(transaction: Transaction, user_id: int) -> None:
    """Signing in takes the password alone again; for the person and for administrators."""
    actor, connection = transaction.actor, transaction.connection
    if not actor.administrator and actor.id != user_id:
        raise NotAllowed(say("Only administrators remove the second factor of others."))
    removed = connection.execute(delete(second_factor).where(second_factor.c.user_id == user_id))
    connection.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    if removed.rowcount:
        record(transaction, "second_factor_off", about="system.user", identity=user_id)


def _takes(transaction: Transaction, key: SiteKey, user_id: int, code: str) -> bool:
    """Whether the code fits a step that is later than the last one; that step is used up then."""
    kept = transaction.connection.execute(
        select(second_factor.c.secret).where(second_factor.c.user_id == user_id)
    ).scalar()
    secret = key.unlock(PURPOSE, kept) if kept else None
    if secret is None:
        return False
    now = int(transaction.now.timestamp()) // PERIOD
    codes = pyotp.TOTP(secret, interval=PERIOD)
    fitting = [
        step
        for step in range(now - ADRIFT, now + ADRIFT + 1)
        if hmac.compare_digest(codes.generate_otp(step), code)
    ]
    if not fitting:
        return False
    # The condition is part of the statement: of two requests with one code only one passes.
    used = transaction.connection.execute(
        update(second_factor)
        .where(second_factor.c.user_id == user_id, second_factor.c.last_step < max(fitting))
        .values(last_step=max(fitting))
    )
    return bool(used.rowcount)


def _address(transaction: Transaction, user_id: int, secret: str) -> str:
    person = find_actor(transaction.catalog, transaction.connection, user_id)
    name = person.username if person else str(user_id)
    return pyotp.TOTP(secret, interval=PERIOD).provisioning_uri(name=name, issuer_name="Dougong")


def _digest(user_id: int, code: str) -> str:
    return sha256(f"{user_id}:{code}".encode()).hexdigest()
