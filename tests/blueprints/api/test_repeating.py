"""Idempotency-Key: sent again is done once, also by two clients at the same moment."""

import threading
from typing import Any

from tests.blueprints.api.shop import Caller, Shop, detail

KEY = "8d7f5a1e"


def test_the_same_request_again_gives_the_same_answer_and_does_nothing_twice(shop: Shop) -> None:
    first = shop.clerk.post("/shop/customer", {"name": "Li"}, Idempotency_Key=KEY)
    again = shop.clerk.post("/shop/customer", {"name": "Li"}, Idempotency_Key=KEY)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.get_json() == first.get_json()
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(shop.clerk.get("/shop/customer").get_json()["records"]) == 1


def test_a_key_belongs_to_one_request_of_one_person(shop: Shop) -> None:
    shop.clerk.post("/shop/customer", {"name": "Li"}, Idempotency_Key=KEY)
    refused = shop.clerk.post("/shop/customer", {"name": "Wang"}, Idempotency_Key=KEY)
    assert f"The Idempotency-Key “{KEY}” was used for another request" in detail(refused, 422)
    elsewhere = shop.clerk.post("/shop/customer/batch", {"operations": []}, Idempotency_Key=KEY)
    assert elsewhere.status_code == 422
    assert shop.other.post("/shop/customer", {"name": "Wang"}, Idempotency_Key=KEY).status_code == 201
    too_long = shop.clerk.post("/shop/customer", {"name": "Li"}, Idempotency_Key="x" * 256)
    assert detail(too_long, 400).startswith("An Idempotency-Key has 1 to 255 characters")


def test_after_a_refusal_the_key_may_be_used_again(shop: Shop) -> None:
    assert shop.clerk.post("/shop/customer", {}, Idempotency_Key=KEY).status_code == 422
    assert shop.clerk.post("/shop/customer", {"name": "Li"}, Idempotency_Key=KEY).status_code == 201


def test_transitions_and_batches_repeat_too(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Wang"}).get_json()["id"]
    values = {"number": "1", "customer": customer, "amount": 1, "reason": "Paid"}
    sale = shop.clerk.post("/shop/sale", values).get_json()["id"]
    address = f"/shop/sale/{sale}/transitions/close"
    answers = [shop.clerk.post(address, {"comment": "Ok"}, Idempotency_Key=KEY) for _ in range(2)]
    assert [(each.status_code, each.get_json()["stage"]) for each in answers] == [(200, "closed")] * 2
    batch = {"operations": [{"op": "create", "values": {"name": "Li"}}]}
    results = [shop.clerk.post("/shop/customer/batch", batch, Idempotency_Key="other") for _ in range(2)]
    assert results[0].get_json() == results[1].get_json()
    assert len(shop.clerk.get("/shop/customer").get_json()["records"]) == 2


def test_two_clients_with_one_key_at_one_moment_do_it_once(shop: Shop) -> None:
    answers = at_once(
        shop, 6, lambda caller, _: caller.post("/shop/customer", {"name": "Li"}, Idempotency_Key=KEY)
    )
    assert [each.status_code for each in answers] == [201] * 6
    assert len({each.get_json()["id"] for each in answers}) == 1
    assert sum("Idempotency-Replayed" not in each.headers for each in answers) == 1
    assert len(shop.clerk.get("/shop/customer").get_json()["records"]) == 1


def test_of_two_clients_who_change_one_revision_one_is_refused(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Li"}).get_json()["id"]
    answers = at_once(
        shop,
        6,
        lambda caller, number: caller.patch(
            f"/shop/customer/{customer}", {"city": f"C{number}"}, If_Match='"1"'
        ),
    )
    assert sorted(each.status_code for each in answers) == [200] + [412] * 5
    kept = shop.clerk.get(f"/shop/customer/{customer}").get_json()
    assert kept["revision"] == 2
    assert kept["city"] == next(each for each in answers if each.status_code == 200).get_json()["city"]


def test_of_two_clients_who_take_one_unique_number_one_is_refused(shop: Shop) -> None:
    customer = shop.clerk.post("/shop/customer", {"name": "Li"}).get_json()["id"]
    answers = at_once(
        shop, 6, lambda caller, _: caller.post("/shop/sale", {"number": "S-1", "customer": customer})
    )
    assert sorted(each.status_code for each in answers) == [201] + [422] * 5
    refused = next(each for each in answers if each.status_code == 422)
    assert shop.clerk.problems(refused) == {"number": "Another Sale has this Number already."}
    assert len(shop.clerk.get("/shop/sale").get_json()["records"]) == 1


def at_once(shop: Shop, clients: int, ask: Any) -> list[Any]:
    """What several clients of the clerk are answered who ask at the same moment."""
    together = threading.Barrier(clients)
    answers: list[Any] = []

    def run(number: int) -> None:
        caller = Caller(shop.app.test_client(), shop.clerk.token)
        together.wait()
        answers.append(ask(caller, number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == clients
    return answers
