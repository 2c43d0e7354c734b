"""Views that people keep: their own, shared ones, and who may change them."""

import pytest

from engine.problems import InputRefused, NotAllowed, NotFound
from engine.records.kept_views import (
    begin_with,
    change_view,
    delete_view,
    first_view,
    keep_view,
    kept_views,
)
from engine.transaction import Actor
from engine.workspace import Workspace
from tests.fixtures.shop import SHOP
from tests.fixtures.workspaces import Publish, person

ORDER = "shop.order"


@pytest.fixture
def shop(publish: Publish) -> Workspace:
    return publish(SHOP)


def keep(workspace: Workspace, actor: Actor, name: str, shared: bool = False) -> int:
    with workspace.writing(actor) as transaction:
        return keep_view(transaction, ORDER, name, {"view": ["all"], "sort": ["-due"]}, shared)


def seen(workspace: Workspace, actor: Actor) -> list[tuple[str, bool, bool]]:
    with workspace.reading(actor) as transaction:
        views = kept_views(transaction, transaction.catalog.entity(ORDER))
        return [(each.name, each.shared, each.mine) for each in views]


def test_a_view_is_for_its_owner_until_it_is_shared(shop: Workspace) -> None:
    clerk, chief = person(shop, "clerk", "shop.clerk"), person(shop, "chief", "shop.chief")
    keep(shop, clerk, " Due soon ")
    assert seen(shop, clerk) == [("Due soon", False, True)]
    assert seen(shop, chief) == []
    keep(shop, chief, "For all", shared=True)
    assert seen(shop, clerk) == [("For all", True, False), ("Due soon", False, True)]
    with pytest.raises(NotAllowed, match="shared by people who may change every record"):
        keep(shop, clerk, "Mine for all", shared=True)


def test_views_are_changed_by_their_owner_or_by_who_may_share(shop: Workspace) -> None:
    clerk, chief = person(shop, "clerk", "shop.clerk"), person(shop, "chief", "shop.chief")
    own, shared = keep(shop, clerk, "Own"), keep(shop, chief, "Shared", shared=True)
    with shop.writing(clerk) as transaction:
        change_view(transaction, own, name="Renamed", settings={"view": ["all"], "q": ["tea"]})
        with pytest.raises(NotAllowed):
            change_view(transaction, shared, name="Taken")
    with shop.writing(chief) as transaction, pytest.raises(NotFound):
        delete_view(transaction, own)
    with shop.reading(clerk) as transaction:
        (_, mine) = kept_views(transaction, transaction.catalog.entity(ORDER))
        assert (mine.name, mine.settings) == ("Renamed", {"q": ["tea"], "view": ["all"]})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [(" ", "Give the view a name"), ("x" * 61, "at most 60"), ("OWN", "You have a view “OWN” already")],
)
def test_a_name_that_does_not_do(shop: Workspace, name: str, sentence: str) -> None:
    clerk = person(shop, "clerk", "shop.clerk")
    keep(shop, clerk, "own")
    with pytest.raises(InputRefused) as refused:
        keep(shop, clerk, name)
    assert sentence in str(refused.value.problems[0].message)


def test_with_which_view_somebody_begins(shop: Workspace) -> None:
    clerk = person(shop, "clerk", "shop.clerk")
    own = keep(shop, clerk, "Own")
    with shop.writing(clerk) as transaction:
        order = transaction.catalog.entity(ORDER)
        assert first_view(transaction, order) is None
        begin_with(transaction, order, str(own))
        begin_with(transaction, order, str(own))
        assert first_view(transaction, order) == str(own)
        delete_view(transaction, own)
        assert first_view(transaction, order) is None
