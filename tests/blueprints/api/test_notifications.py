"""Notifications over HTTP: the caller's own, page by page, read one by one or all together."""

from jsonschema import Draft202012Validator
from sqlalchemy import select

from blueprints.api.openapi_notifications import NOTIFICATIONS
from engine import notifications
from engine.text import Text
from tests.blueprints.api.shop import Shop, detail


def tell(shop: Shop, username: str, *sentences: str) -> list[int]:
    with shop.workspace.writing() as transaction:
        users = transaction.catalog.tables.table("system.user")
        (person,) = transaction.connection.execute(
            select(users.c.id).where(users.c.username == username)
        ).scalars()
        return [
            each
            for words in sentences
            for each in notifications.notify(
                transaction, [person], Text({"en": words, "zh": "中文"}), ("shop.sale", 7), "task", words
            )
        ]


def test_notifications_are_listed_in_pages(shop: Shop) -> None:
    first, second, third = tell(shop, "clerk", "One", "Two", "Three")
    answer = shop.clerk.get("/notifications?limit=2").get_json()
    Draft202012Validator(NOTIFICATIONS).validate(answer)
    assert [each["id"] for each in answer["notifications"]] == [third, second]
    assert (answer["unread"], answer["next"]) == (3, str(second))
    assert answer["notifications"][0]["record"] == {"entity": "shop.sale", "id": 7}
    rest = shop.clerk.get(f"/notifications?limit=2&after={answer['next']}").get_json()
    assert [each["id"] for each in rest["notifications"]] == [first]
    assert rest["next"] is None


def test_they_are_marked_as_read(shop: Shop) -> None:
    first, _ = tell(shop, "clerk", "One", "Two")
    assert shop.clerk.post(f"/notifications/{first}/read", {}).get_json() == {"unread": 1}
    answer = shop.clerk.get("/notifications?unread=true").get_json()
    assert [each["message"] for each in answer["notifications"]] == ["Two"]
    assert shop.clerk.post("/notifications/read", {}).get_json() == {"unread": 0}
    assert f"You have no notification {first + 9}" in detail(
        shop.clerk.post(f"/notifications/{first + 9}/read", {}), 404
    )


def test_whether_they_come_by_mail_is_chosen(shop: Shop) -> None:
    assert shop.clerk.get("/notifications/mail").get_json() == {"wanted": True}
    assert shop.clerk.post("/notifications/mail", {"wanted": False}).get_json() == {"wanted": False}
    assert shop.clerk.get("/notifications/mail").get_json() == {"wanted": False}
    assert "wanted" in detail(shop.clerk.post("/notifications/mail", {}), 400)
    wrong = shop.clerk.post("/notifications/mail", {"wanted": "yes"})
    assert "“wanted” has to be true or false" in detail(wrong, 400)


def test_what_cannot_be_asked(shop: Shop) -> None:
    assert "is no cursor" in detail(shop.clerk.get("/notifications?after=x"), 400)
    assert "neither true nor false" in detail(shop.clerk.get("/notifications?unread=1"), 400)
    assert detail(shop.nobody.get("/notifications"), 401)
