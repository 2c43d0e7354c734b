"""What things are called in the database: one rule for tables, indexes and constraints.

PostgreSQL cuts names after 63 bytes without a word; a longer one is shortened here, with a hash of the
whole at its end, so that two long names never become one.
"""

from collections.abc import Iterable
from hashlib import sha256

LONGEST = 63
RETIRED = "_old_"


def shortened(name: str) -> str:
    """`name`, at most 63 bytes long; a shortened one ends in eight digits of its hash.

    >>> shortened("crm__deal")
    'crm__deal'
    >>> len(shortened("a" * 80))
    63
    """
    encoded = name.encode()
    if len(encoded) <= LONGEST:
        return name
    digest = sha256(encoded).hexdigest()[:8]
    return f"{encoded[: LONGEST - 9].decode(errors='ignore')}_{digest}"


def table_name(entity: str) -> str:
    """The table of an entity: `crm.deal` → `crm__deal`."""
    return shortened(entity.replace(".", "__", 1))


def links_table_name(entity: str, field: str) -> str:
    """The table that holds a many-to-many field: `crm__deal__competitors`."""
    return shortened(f"{entity.replace('.', '__', 1)}__{field}")


def frozen_marker(stage: str) -> str:
    """The column that holds the release in which a record's values were frozen at `stage`."""
    return shortened(f"_frozen_{stage}")


def index_name(table: str, columns: Iterable[str]) -> str:
    """The name of an index."""
    return shortened(f"ix_{table}__{'_'.join(columns)}")


def unique_name(table: str, columns: Iterable[str]) -> str:
    """The name of a unique index."""
    return shortened(f"uq_{table}__{'_'.join(columns)}")


def foreign_key_name(table: str, column: str) -> str:
    """The name of a foreign key of one column."""
    return shortened(f"fk_{table}__{column}")


def primary_key_name(table: str) -> str:
    """The name of a primary key."""
    return shortened(f"pk_{table}")


def check_name(table: str, column: str, limits: str) -> str:
    """The check on a column; its limits are part of the name, so that other limits are another check."""
    return shortened(f"ck_{table}__{column}_{sha256(limits.encode()).hexdigest()[:8]}")


def retired_name(release: int, name: str) -> str:
    """What a column or table is called that `release` took out of use: `_old_7_amount`.

    Names of definitions begin with a letter, so that it is nobody else's.
    """
    return shortened(f"{RETIRED}{release}_{name}")


def retired_entity(entity: str, table: str) -> str:
    """The name by which history is kept of an entity that is out of use: `crm._old_7_crm__deal`."""
    return f"{entity.partition('.')[0]}.{table}"


def is_retired(name: str) -> bool:
    """Whether a column or table keeps data that no definition names any more."""
    return name.startswith(RETIRED)
