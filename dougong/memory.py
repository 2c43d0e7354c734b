"""How often Python looks for objects that only hold each other."""

import gc

NEW_OBJECTS = 50_000
"""After how many new objects the youngest are looked through; Python's own 700 are for small programs."""


def look_rarely() -> None:
    """A catalog is hundreds of thousands of objects that stay. The demo company is loaded in a fifth less."""
    gc.set_threshold(NEW_OBJECTS, 20, 50)


def keep_what_is_there() -> None:
    """What a server has read before the first request is never looked through again."""
    gc.collect()
    gc.freeze()
