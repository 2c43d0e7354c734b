"""Where files and what is published went apart: somebody published meanwhile, or files are missing."""

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection

from engine.releases.comparison import Apps, Difference, compare
from engine.releases.history import Release, all_releases
from engine.text import Message, say


def drift(connection: Connection, given: Apps, pulled: int | None = None) -> list[Message]:
    """What one should know before these texts are published over what is there.

    `pulled` is the release that they were taken from, where that is known; texts that are exactly those of
    an earlier release tell it themselves.
    """
    releases = all_releases(connection)
    if not releases:
        return []
    current = releases[0]
    begun = _begun_from(releases, given, pulled)
    return [
        *_published_since(releases, begun),
        *(_taken_back(begun, current, given) if begun else ()),
        *_missing_files(current.apps, given),
        *_left_alone(current, given),
    ]


def _begun_from(releases: Sequence[Release], given: Apps, pulled: int | None) -> Release | None:
    """The earlier release that the texts come from; None when that is the current one or not known."""
    if pulled is None:
        names = [name for name in given if any(name in each.apps for each in releases)]
        same = [
            each for each in releases if names and all(each.apps.get(name) == given[name] for name in names)
        ]
        pulled = same[0].number if same else None
    return next((each for each in releases[1:] if each.number == pulled), None)


def _published_since(releases: Sequence[Release], begun: Release | None) -> Iterator[Message]:
    for each in reversed(releases):
        if begun and each.number > begun.number:
            yield say(
                "These files come from release {begun}. Since then {who} published release {number} "
                "({day}): {message}",
                begun=begun.number,
                who=each.published_by,
                number=each.number,
                day=f"{each.published_at:%Y-%m-%d %H:%M}",
                message=each.message or "–",
            )


def _taken_back(begun: Release, current: Release, given: Apps) -> Iterator[Message]:
    """What was published since and the texts are without."""
    names = [name for name in given if name in begun.apps and name in current.apps]
    kept = {name: texts for name, texts in current.apps.items() if name not in names}
    then = compare({**kept, **_chosen(begun.apps, names)}, {**kept, **_chosen(current.apps, names)})
    now = {_at(each) for each in compare(current.apps, {**current.apps, **given})}
    for each in then:
        if _at(each) in now:
            yield say("Publishing them takes this back: {sentence}", sentence=each.sentence)


def _at(difference: Difference) -> tuple[str, tuple[str, ...]]:
    return difference.app, difference.path


def _chosen(apps: Apps, names: Sequence[str]) -> Mapping[str, Mapping[str, str]]:
    return {name: apps[name] for name in names}


def _missing_files(published: Apps, given: Apps) -> Iterator[Message]:
    for name, texts in given.items():
        for file in published.get(name, {}):
            if file not in texts:
                yield say("The published file {file} of '{app}' is not among these.", file=file, app=name)


def _left_alone(current: Release, given: Apps) -> Iterator[Message]:
    others = sorted(set(current.apps) - set(given))
    if others:
        yield say("Published, not among these files, and left as it is: {apps}.", apps=", ".join(others))
