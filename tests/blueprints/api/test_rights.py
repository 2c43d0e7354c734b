"""What the caller may do and why, over HTTP."""

from tests.blueprints.api.shop import Shop
from tests.blueprints.api.test_records import made


def test_a_record_tells_what_its_reader_may_do(shop: Shop) -> None:
    sale = made(shop)
    found = shop.clerk.get(f"/shop/sale/{sale['id']}/rights").get_json()
    assert set(found["actions"]) == {"read", "update", "delete", "export"}
    assert found["actions"]["update"] == {
        "allowed": True,
        "reason": "The rule for Clerk allows it where seller == user.",
    }
    assert found["actions"]["export"]["allowed"] is False
    assert found["fields"]["payable"]["read"]["allowed"] is True
    assert found["fields"]["payable"]["update"]["reason"] == "Payable is computed and cannot be set."
    assert found["transitions"]["close"]["allowed"] is False
    assert "amount > 0" in found["transitions"]["close"]["reason"]
    chinese = shop.clerk.get(f"/shop/sale/{sale['id']}/rights", Accept_Language="zh").get_json()
    assert chinese["actions"]["update"]["reason"] == "针对“店员”的规则允许，条件是 seller == user。"
    assert shop.other.get(f"/shop/sale/{sale['id']}/rights").status_code == 404
    assert shop.nobody.get(f"/shop/sale/{sale['id']}/rights").status_code == 401


def test_an_entity_tells_what_may_be_done_with_some_of_its_records(shop: Shop) -> None:
    found = shop.clerk.get("/shop/customer/rights").get_json()
    assert found["actions"]["create"] == {"allowed": True, "reason": "The rule for Clerk allows it."}
    assert found["actions"]["delete"]["reason"] == "No rule lets you delete this Customer."
    assert found["fields"]["credit"]["read"] == {"allowed": False, "reason": "The field is for Boss only."}
    assert "transitions" not in found
    stranger = shop.stranger.get("/shop/customer/rights").get_json()
    assert stranger["actions"]["read"]["reason"] == (
        "No rule lets you see Customer. Rules for others allow it: Clerk."
    )
    assert shop.clerk.get("/shop/nothing/rights").status_code == 404
