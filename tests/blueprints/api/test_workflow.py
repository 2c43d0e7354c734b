"""How a record moves, over HTTP: what is possible and why not, moving it, and the history of it."""

from tests.blueprints.api.shop import Shop, detail
from tests.blueprints.api.test_records import made


def test_what_is_possible_is_listed_with_the_reason_of_what_is_not(shop: Shop) -> None:
    sale = made(shop)
    address = f"/shop/sale/{sale['id']}/transitions"
    close, reopen = shop.clerk.get(address).get_json()["transitions"]
    assert (close["name"], close["label"], close["to"], close["enabled"]) == (
        "close",
        "Close",
        "closed",
        False,
    )
    assert "amount > 0" in close["reason"]
    assert (close["required"], close["comment_required"]) == (["reason"], True)
    seen, _ = shop.boss.get(address, Accept_Language="zh").get_json()["transitions"]
    assert (seen["label"], seen["enabled"]) == ("关闭", False)
    assert seen["reason"] != close["reason"]
    assert (reopen["name"], reopen["enabled"]) == ("reopen", False)
    assert reopen["reason"] == "'Reopen' is not possible from the stage Open; it starts from Closed."


def test_a_record_moves_when_everything_is_there(shop: Shop) -> None:
    sale = made(shop, amount="10")
    address = f"/shop/sale/{sale['id']}"
    missing = shop.clerk.problems(shop.clerk.post(f"{address}/transitions/close"))
    assert set(missing) == {"reason", "comment"}
    body = {"values": {"reason": "Paid"}, "comment": "Cash"}
    assert shop.boss.post(f"{address}/transitions/close", body).status_code == 403
    moved = shop.clerk.post(f"{address}/transitions/close", body)
    assert (moved.status_code, moved.get_json()["stage"], moved.get_json()["reason"]) == (
        200,
        "closed",
        "Paid",
    )
    assert moved.headers["ETag"] == f'"{moved.get_json()["revision"]}"'
    again = shop.clerk.post(f"{address}/transitions/close", body)
    assert "Close" in detail(again, 409)
    assert shop.clerk.post(f"{address}/transitions/reopen").status_code == 403
    stale = shop.boss.post(f"{address}/transitions/reopen", If_Match='"1"')
    assert stale.status_code == 412
    assert shop.boss.post(f"{address}/transitions/reopen").get_json()["stage"] == "open"
    assert "Did you mean 'close'?" in detail(shop.clerk.post(f"{address}/transitions/clos"), 404)


def test_the_history_names_who_when_and_what(shop: Shop) -> None:
    sale = made(shop, amount="10")
    address = f"/shop/sale/{sale['id']}"
    shop.boss.patch(address, {"amount": "20"})
    shop.clerk.post(f"{address}/transitions/close", {"values": {"reason": "Paid"}, "comment": "Cash"})
    moved, changed, created = shop.clerk.get(f"{address}/history").get_json()["events"]
    assert (created["kind"], created["by"]["title"]) == ("created", "Clerk")
    assert (changed["kind"], changed["by"]) == ("updated", {"id": shop.people["boss"], "title": "Boss"})
    amount = next(each for each in changed["changes"] if each["field"] == "amount")
    assert (amount["label"], amount["before"], amount["after"]) == ("Amount", "10.00", "20.00")
    assert (moved["kind"], moved["transition"], moved["comment"]) == ("transition", "close", "Cash")
    assert (moved["from_stage"], moved["to_stage"]) == ("open", "closed")
    assert moved["at"] >= changed["at"] >= created["at"]


def test_a_batch_moves_records_too(shop: Shop) -> None:
    sale = made(shop, amount="10", reason=None)
    move = {
        "op": "transition",
        "id": sale["id"],
        "name": "close",
        "values": {"reason": "Paid"},
        "comment": "Ok",
    }
    answer = shop.clerk.post("/shop/sale/batch", {"operations": [move]}).get_json()
    assert answer["results"][0]["stage"] == "closed"


def test_a_comment_needs_no_approval(shop: Shop) -> None:
    sale = made(shop)
    answer = shop.clerk.post(f"/shop/sale/{sale['id']}/comments", {"comment": "Why?"})
    assert answer.status_code == 204
