"""Records over HTTP, on both databases: written, read, listed, refused, with the rights of whoever calls."""

import json
from typing import Any

from tests.blueprints.api.shop import Shop, detail

IMPOSSIBLE = [
    ("/shop/sale?fliter=1", 400, "This address has no parameter “fliter”. Did you mean 'filter'?"),
    ("/shop/sale?limit=0", 400, "“0” is no page size: limit is a whole number from 1 to 500."),
    ("/shop/sale?count=yes", 400, "“yes” is no way to count: count is true, false or exact."),
    ("/shop/sale?fields=amuont", 400, "There is no field “amuont” here. Did you mean 'amount'?"),
    ("/shop/sale?filter=amuont>1", 422, "Did you mean 'amount'?"),
    ("/shop/sale?filter=amount%00", 422, ""),
    ("/shop/sale?filter=(", 422, ""),
    ("/shop/sale?filter=amount", 422, ""),
    ("/shop/sale?sort=amuont", 422, "Did you mean 'amount'?"),
    ("/shop/sale?sort=lines", 422, "cannot be sorted by 'lines'"),
    ("/shop/sale?after=x", 400, "'after' is not a cursor of this list: “x”."),
    ("/shop/sale/1?x=1", 400, "This address has no parameter “x”."),
    ("/shop/nothing", 404, "There is no 'shop.nothing' here."),
    ("/nothing/sale/1", 404, "There is no 'nothing.sale' here."),
    ("/shop/sale/0", 404, "There is no Sale 0."),
    ("/shop/sale/9223372036854775807", 404, "There is no Sale 9223372036854775807."),
    ("/shop/sale/9223372036854775808", 404, "There is nothing at this address."),
    ("/shop/sale/x", 404, "There is nothing at this address."),
    ("/nowhere", 404, "There is nothing at this address."),
]
"""Path → the status and a part of the sentence that refuses it."""


def made(shop: Shop, **values: Any) -> dict[str, Any]:
    """A sale of the clerk to a new customer."""
    customer = shop.clerk.post("/shop/customer", {"name": "Wang"}).get_json()
    answer = shop.clerk.post("/shop/sale", {"number": "S-1", "customer": customer["id"], **values})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_record_is_created_read_changed_and_deleted(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "王芳", "city": None}).get_json()
    lines = [{"product": "Tea", "quantity": 2}, {"product": "Cup", "quantity": 1}]
    values = {
        "number": "S-1",
        "customer": customer["id"],
        "amount": "1234.50",
        "discount": "10%",
        "lines": lines,
    }
    answer = shop.clerk.post("/shop/sale", values)
    assert answer.status_code == 201
    sale = answer.get_json()
    assert answer.headers["Location"] == f"/api/v1/shop/sale/{sale['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert sale["customer"] == {"id": customer["id"], "title": "王芳"}
    assert sale["seller"] == {"id": shop.people["clerk"], "title": "Clerk"}
    assert (sale["amount"], sale["payable"], sale["bought"]) == ("1234.50", "1111.05", "1234.50")
    assert (sale["stage"], sale["revision"], sale["reason"]) == ("open", 1, None)
    assert [(line["product"], line["quantity"]) for line in sale["lines"]] == [("Tea", 2), ("Cup", 1)]

    assert shop.clerk.get(f"/shop/sale/{sale['id']}").get_json() == sale

    changed = shop.clerk.patch(
        f"/shop/sale/{sale['id']}", {"amount": 0.1, "customer": {"id": customer["id"]}}
    )
    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"2"'
    assert (changed.get_json()["amount"], changed.get_json()["payable"]) == ("0.10", "0.09")

    assert shop.clerk.delete(f"/shop/sale/{sale['id']}").status_code == 204
    assert detail(shop.clerk.get(f"/shop/sale/{sale['id']}"), 404) == f"There is no Sale {sale['id']}."


def test_everything_that_is_wrong_is_said_at_once_in_the_language_of_the_caller(shop: Shop) -> None:
    body = {"customer": None, "amount": "-1", "discount": "51%", "colour": "red", "lines": [{"quantity": 0}]}
    english = shop.clerk.problems(shop.clerk.post("/shop/sale", body))
    assert english["amount"] == "“-1.00” is less than the minimum of 0.00."
    assert english["discount"] == "“51%” is more than the maximum of 50%."
    assert english["number"] == "Number is required."
    assert english["customer"] == "Customer is required."
    assert english["colour"].startswith("Sale has no field 'colour'.")
    chinese = shop.clerk.problems(shop.clerk.post("/shop/sale", body, Accept_Language="zh-CN,zh;q=0.9"))
    assert set(chinese) == set(english)
    assert chinese["number"] == shop.other.problems(shop.other.post("/shop/sale", body))["number"]
    assert "单号" in chinese["number"]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in sentence) for sentence in chinese.values())
    assert shop.boss.get("/shop/sale").get_json()["records"] == []


def test_problems_of_child_rows_name_their_row(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Wang"}).get_json()["id"]
    lines = [{"product": "Tea", "quantity": 1}, {"product": "Cup", "quantity": 0}]
    answer = shop.clerk.post("/shop/sale", {"number": "1", "customer": customer, "lines": lines})
    assert shop.clerk.problems(answer) == {"lines[1].quantity": "“0” is less than the minimum of 1."}


def test_what_the_system_keeps_cannot_be_written(shop: Shop) -> None:
    sale = made(shop)
    for field in ("id", "created_at", "revision", "payable", "bought", "stage"):
        for answer in (
            shop.boss.patch(f"/shop/sale/{sale['id']}", {field: 1}),
            shop.boss.post("/shop/sale", {"number": "x", "customer": sale["customer"], field: 1}),
        ):
            assert field in shop.boss.problems(answer)


def test_who_may_not_see_a_record_is_told_that_there_is_none(shop: Shop) -> None:
    sale = made(shop)
    address = f"/shop/sale/{sale['id']}"
    gone = f"There is no Sale {sale['id']}."
    assert detail(shop.other.get(address, Accept_Language="en"), 404) == gone
    assert detail(shop.other.patch(address, {"amount": 1}, Accept_Language="en"), 404) == gone
    assert detail(shop.other.delete(address, Accept_Language="en"), 404) == gone
    assert detail(shop.other.get(f"{address}/history", Accept_Language="en"), 404) == gone
    assert detail(shop.other.get(f"{address}/transitions", Accept_Language="en"), 404) == gone
    assert detail(shop.other.post(f"{address}/transitions/close", Accept_Language="en"), 404) == gone
    assert shop.boss.get(address).status_code == 200


def test_who_has_no_right_is_told_which_one_is_missing(shop: Shop) -> None:
    assert (
        detail(shop.stranger.post("/shop/customer", {"name": "Li"}), 403)
        == "No rule lets you create Customer."
    )
    customer = shop.clerk.post("/shop/customer", {"name": "Li"}).get_json()
    answer = shop.clerk.delete(f"/shop/customer/{customer['id']}")
    assert detail(answer, 403) == "No rule lets you delete this Customer."


def test_a_field_that_may_not_be_read_is_absent_and_cannot_be_written_filtered_or_sorted_by(
    shop: Shop,
) -> None:
    customer = shop.boss.post("/shop/customer", {"name": "Li", "credit": "500"}).get_json()
    assert customer["credit"] == "500.00"
    address = f"/shop/customer/{customer['id']}"
    assert "credit" not in shop.clerk.get(address).get_json()
    assert "credit" not in shop.clerk.get("/shop/customer").get_json()["records"][0]
    assert "credit" not in shop.clerk.get(f"{address}?fields=name,credit").get_json()
    assert "credit" in shop.clerk.problems(shop.clerk.patch(address, {"credit": 1}))
    assert "filter" in shop.clerk.problems(shop.clerk.get("/shop/customer?filter=credit>1"))
    assert "sort" in shop.clerk.problems(shop.clerk.get("/shop/customer?sort=credit"))
    assert "credit" not in shop.clerk.get("/shop/customer/schema").get_json()["properties"]
    assert b'"credit"' not in shop.clerk.get("/openapi.json").data
    events = shop.clerk.get(f"{address}/history").get_json()["events"]
    assert "credit" not in {change["field"] for event in events for change in event["changes"]}


def test_a_stale_write_is_refused(shop: Shop) -> None:
    sale = made(shop)
    address = f"/shop/sale/{sale['id']}"
    assert shop.clerk.patch(address, {"amount": 1}, If_Match='"1"').status_code == 200
    assert shop.clerk.patch(address, {"amount": 2}, If_Match='"1"').status_code == 412
    assert shop.clerk.delete(address, If_Match='"1"').status_code == 412
    assert shop.clerk.patch(address, {"amount": 3}, If_Match='"2"').status_code == 200
    assert shop.clerk.patch(address, {"amount": 4}, If_Match="*").get_json()["amount"] == "4.00"
    assert shop.clerk.patch(address, {"amount": 5}, If_Match="now").status_code == 400


def test_a_list_is_filtered_sorted_narrowed_paged_and_counted(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Wang"}).get_json()["id"]
    for number in range(1, 8):
        values = {"number": f"S-{number}", "customer": customer, "amount": number * 10}
        assert shop.clerk.post("/shop/sale", values).status_code == 201
    path = "/shop/sale?filter=amount>=20&sort=-amount&fields=amount&limit=2&count=true"
    pages, after = [], ""
    while after is not None:
        answer = shop.clerk.get(path + (f"&after={after}" if after else "")).get_json()
        assert (answer["count"], answer["count_capped"]) == (6, False)
        assert all(set(each) == {"id", "amount"} for each in answer["records"])
        pages.append([each["amount"] for each in answer["records"]])
        after = answer["next"]
    assert pages == [["70.00", "60.00"], ["50.00", "40.00"], ["30.00", "20.00"]]
    assert "count" not in shop.clerk.get("/shop/sale").get_json()
    assert shop.other.get("/shop/sale?count=exact").get_json() == {
        "records": [], "next": None, "count": 0, "count_capped": False,
    }  # fmt: skip


def test_what_cannot_be_asked_is_refused_in_a_sentence(shop: Shop) -> None:
    for path, status, sentence in IMPOSSIBLE:
        assert sentence in detail(shop.clerk.get(path), status), path


def test_a_body_that_cannot_be_read_is_refused(shop: Shop) -> None:
    client, headers = shop.clerk.client, {"Authorization": f"Bearer {shop.clerk.token}"}
    address = "/api/v1/shop/customer"

    def post(data: bytes, kind: str = "application/json") -> Any:
        return client.post(address, data=data, content_type=kind, headers=headers)

    assert detail(post(b"{"), 400) == "The body is not JSON: line 1, column 2 cannot be read."
    assert detail(post(b"[]"), 400) == 'The body has to be a JSON object, such as {"name": "…"}.'
    assert "Content-Type: application/json" in detail(
        post(b"name=Li", "application/x-www-form-urlencoded"), 415
    )
    assert detail(client.put(address, headers=headers), 405) == "“PUT” is not possible at this address."
    assert shop.clerk.get("/shop/customer").get_json()["records"] == []


def test_a_preview_computes_and_checks_without_writing(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Wang"}).get_json()["id"]
    body = {"values": {"customer": customer, "amount": "200", "discount": "25%", "lines": []}}
    shown = shop.clerk.post("/shop/sale/preview", body).get_json()
    assert shown["values"]["payable"] == "150.00"
    assert {each["path"] for each in shown["problems"]} == {"number", "reason"}
    assert "reason" not in shown["hidden"]
    assert "reason" in shown["required"]
    hidden = shop.clerk.post("/shop/sale/preview", {"values": {"discount": "5%"}}).get_json()["hidden"]
    assert "reason" in hidden
    sale = made(shop, amount="100")
    saved = shop.clerk.post("/shop/sale/preview", {"id": sale["id"], "values": {"amount": "50"}}).get_json()
    assert (saved["values"]["payable"], saved["problems"]) == ("50.00", [])
    assert shop.clerk.get(f"/shop/sale/{sale['id']}").get_json()["amount"] == "100.00"
    assert shop.other.post("/shop/sale/preview", {"id": sale["id"], "values": {}}).status_code == 404


def test_a_batch_is_done_as_a_whole_or_not_at_all(shop: Shop) -> None:
    first = shop.clerk.post("/shop/customer", {"name": "Wang"}).get_json()["id"]
    operations = [
        {"op": "create", "values": {"name": "Li"}},
        {"op": "update", "id": first, "values": {"city": "Beijing"}},
    ]
    answer = shop.clerk.post("/shop/customer/batch", {"operations": operations}).get_json()
    assert [(each["name"], each["city"]) for each in answer["results"]] == [("Li", None), ("Wang", "Beijing")]
    broken = [
        *operations,
        {"op": "create", "values": {}},
        {"op": "update", "id": first, "values": {"name": None}},
    ]
    problems = shop.clerk.problems(shop.clerk.post("/shop/customer/batch", {"operations": broken}))
    assert problems == {"operations[2].name": "Name is required.", "operations[3].name": "Name is required."}
    assert len(shop.clerk.get("/shop/customer").get_json()["records"]) == 2
    for wrong, sentence in (
        ({"op": "creat", "values": {}}, "“creat” is no operation; operations[0].op is one of"),
        ({"op": "update", "values": {}}, "operations[0] needs the member “id”."),
        ({"op": "delete", "id": "1"}, "“operations[0].id” has to be a whole number."),
        ("create", "“operations[0]” has to be an object."),
    ):
        answer = shop.clerk.post("/shop/customer/batch", {"operations": [wrong]})
        assert sentence in detail(answer, 400)
    many = {"operations": [{"op": "delete", "id": 1}] * 1001}
    assert detail(shop.clerk.post("/shop/customer/batch", many), 400).startswith(
        "1001 operations are too many"
    )


def test_answers_hold_exact_numbers_whatever_their_size(shop: Shop) -> None:
    sale = made(shop, amount="9007199254740993.01")
    text = shop.clerk.get(f"/shop/sale/{sale['id']}").get_data(as_text=True)
    assert json.loads(text)["amount"] == "9007199254740993.01"
