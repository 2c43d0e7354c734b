"""The customers of the demonstration company, and two years of deals with them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from zoneinfo import ZoneInfo

from apps.demo.batches import Batches, Reference, Row
from apps.demo.catalogue import (
    FOLLOW_UPS,
    FOREIGN_JOB_TITLES,
    FOREIGN_PURPOSES,
    JOB_TITLES,
    LEAD_SUBJECTS,
    NEXT_STEPS,
    PRODUCTS,
    PURPOSES,
    RESULTS,
)
from apps.demo.names import TRADES, chinese_company, chinese_person, foreign_company, foreign_person

TIME_ZONE = ZoneInfo("Asia/Shanghai")
ACCOUNTS = 3_000
DEALS = 20_000
LEADS = 400
FOLLOW_UP_COUNT = 3_000
DAYS = 730
"""Deals began within this many days before today."""
LINES_SINCE = 365
"""Older deals were taken over from a former system without their products."""
FOREIGN_SHARE = 0.3
WIN_SHARE = 0.34
LOST_REASONS = ("price", "price", "competitor", "competitor", "no_budget", "timing", "no_decision", "other")
SOURCES = ("website", "fair", "referral", "advertising", "call", "other")
INDUSTRY_WEIGHTS = (34, 10, 5, 10, 9, 10, 10, 6, 2, 4)


@dataclass(frozen=True, slots=True)
class Account:
    """A company with the people there and the salesperson who looks after it."""

    reference: Reference
    name: str
    owner: Reference
    is_foreign: bool
    contacts: tuple[Reference, ...]


def add_market(
    batches: Batches, random: Random, today: date, salespeople: Sequence[Reference], deals: int
) -> None:
    """Adds products, 3,000 accounts with contacts, so many deals, leads and follow-ups."""
    products = batches.add(
        "crm.product",
        (
            {"code": code, "name": name, "family": family, "list_price": Decimal(price), "unit": unit}
            for code, name, family, price, unit in PRODUCTS
        ),
    )
    accounts = _add_accounts(batches, random, today, salespeople)
    _add_deals(batches, random, today, accounts, products, deals)
    batches.add("crm.lead", (_lead(random, salespeople, accounts) for _ in range(LEADS)))
    batches.add(
        "crm.activity", (_follow_up(random, today, random.choice(accounts)) for _ in range(FOLLOW_UP_COUNT))
    )


def _add_accounts(
    batches: Batches, random: Random, today: date, salespeople: Sequence[Reference]
) -> list[Account]:
    companies = _companies(random)
    owners = [random.choice(salespeople) for _ in companies]
    rows = [
        {
            "name": name,
            "kind": random.choices(("prospect", "customer", "partner", "former"), (50, 40, 4, 6))[0],
            "industry": industry,
            "employees": int(10 ** random.uniform(1.3, 4.2)),
            "owner": owner if random.random() < 0.96 else None,
            "phone": f"+86 400 000 {number:04}",
            "city": city,
            "since": today - timedelta(days=random.randrange(30, 3_000)),
        }
        for number, ((name, city, industry, _), owner) in enumerate(zip(companies, owners, strict=True))
    ]
    references = batches.add("crm.account", rows)
    numbers = [random.choice((1, 1, 1, 2, 2, 3)) for _ in companies]
    contacts = iter(
        batches.add(
            "crm.contact",
            (
                _contact(random, account, is_foreign=is_foreign)
                for account, number, (_, _, _, is_foreign) in zip(references, numbers, companies, strict=True)
                for _ in range(number)
            ),
        )
    )
    return [
        Account(reference, name, owner, is_foreign, tuple(next(contacts) for _ in range(number)))
        for reference, (name, _, _, is_foreign), owner, number in zip(
            references, companies, owners, numbers, strict=True
        )
    ]


def _companies(random: Random) -> list[tuple[str, str, str, bool]]:
    """Name, city, industry and whether it is foreign, of companies with different names."""
    answer: list[tuple[str, str, str, bool]] = []
    used: set[str] = set()
    while len(answer) < ACCOUNTS:
        industry = random.choices(tuple(TRADES), INDUSTRY_WEIGHTS)[0]
        is_foreign = random.random() < FOREIGN_SHARE
        name, city = (foreign_company if is_foreign else chinese_company)(random, industry)
        if name not in used:
            used.add(name)
            answer.append((name, city, industry, is_foreign))
    return answer


def _contact(random: Random, account: Reference, *, is_foreign: bool) -> Row:
    name, spelled = (foreign_person if is_foreign else chinese_person)(random)
    return {
        "name": name,
        "account": account,
        "job_title": random.choice(FOREIGN_JOB_TITLES if is_foreign else JOB_TITLES),
        "role": random.choice(("decides", "influences", "uses", "buys", None)),
        "email": f"{spelled}@customer{account.row}.example",
        "mobile": f"+86 139 0000 {random.randrange(10_000):04}",
    }


def _add_deals(
    batches: Batches,
    random: Random,
    today: date,
    accounts: Sequence[Account],
    products: Sequence[Reference],
    count: int,
) -> None:
    begun = sorted(today - timedelta(days=random.randrange(DAYS)) for _ in range(count))
    deals, lines = [], []
    numbered: Counter[int] = Counter()
    for day in begun:
        goods = [_line(random, products) for _ in range(random.choice((1, 1, 2, 2, 3)))]
        numbered[day.year] += 1
        number = f"DEAL-{day.year}-{numbered[day.year]:05}"
        deals.append({"number": number, **_deal(random, today, day, random.choice(accounts), goods)})
        lines.append(goods if (today - day).days < LINES_SINCE else [])
    references = batches.add("crm.deal", deals)
    batches.add(
        "crm.deal_line",
        (
            {"deal": reference, "position": place, **line}
            for reference, goods in zip(references, lines, strict=True)
            for place, line in enumerate(goods)
        ),
    )


def _line(random: Random, products: Sequence[Reference]) -> Row:
    number = random.randrange(len(products))
    _, name, _, price, _ = PRODUCTS[number]
    most = 60 if price < 5_000 else 8 if price < 50_000 else 2
    return {
        "product": products[number],
        "description": name,
        "quantity": Decimal(random.randint(1, most)),
        "unit_price": Decimal(price),
    }


def _deal(random: Random, today: date, begun: date, account: Account, goods: Sequence[Row]) -> Row:
    listed = sum((line["quantity"] * line["unit_price"] for line in goods), Decimal(0))
    discount = Decimal(random.choice((0, 0, 0, 5, 8, 10, 12, 15, 20, 30))) / 100
    amount = (listed * (1 - discount)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    purpose = random.choice(FOREIGN_PURPOSES if account.is_foreign else PURPOSES)
    return {
        "name": f"{account.name} {purpose}" if account.is_foreign else f"{account.name}{purpose}",
        "account": account.reference,
        "contact": random.choice(account.contacts),
        "amount": amount,
        "discount": discount,
        "owner": account.owner,
        "created_at": _morning(random, begun),
        "created_by": account.owner,
        **_progress(random, today, begun),
    }


def _morning(random: Random, day: date) -> datetime:
    """A moment before work has really begun, so that nothing of today lies in the future."""
    return datetime.combine(day, time(0, random.randrange(60)), TIME_ZONE)


def _progress(random: Random, today: date, begun: date) -> Row:
    """How far a deal has come: it takes 15 to 150 days, and ends won or lost."""
    length = int(15 + 135 * random.random() ** 1.5)
    ends = begun + timedelta(days=length)
    if ends <= today:
        if random.random() < WIN_SHARE:
            return {"stage": "won", "won_on": ends, "close_date": ends}
        return {"stage": "lost", "lost_reason": random.choice(LOST_REASONS), "close_date": ends}
    share = (today - begun).days / length
    stage = "lead" if share < 0.35 else "proposal" if share < 0.7 else "negotiation"
    planned = ends + timedelta(days=random.randrange(-10, 30))
    return {"stage": stage, "close_date": planned, "next_step": random.choice(NEXT_STEPS)}


def _lead(random: Random, salespeople: Sequence[Reference], accounts: Sequence[Account]) -> Row:
    industry = random.choice(tuple(TRADES))
    company, _ = chinese_company(random, industry)
    name, spelled = chinese_person(random)
    stage = random.choices(("new", "contacted", "qualified", "disqualified"), (40, 30, 20, 10))[0]
    return {
        "name": f"{company} {random.choice(LEAD_SUBJECTS)}",
        "company": company,
        "person": name,
        "email": f"{spelled}@lead.example",
        "source": random.choice(SOURCES),
        "owner": random.choice(salespeople) if stage != "new" or random.random() < 0.5 else None,
        "stage": stage,
        "account": random.choice(accounts).reference if stage == "qualified" else None,
        "reason": "No need at present 暂无需求" if stage == "disqualified" else None,
    }


def _follow_up(random: Random, today: date, account: Account) -> Row:
    kind, subject = random.choice(FOLLOW_UPS)
    due = today + timedelta(days=random.randrange(-60, 25))
    is_done = due < today - timedelta(days=3) and random.random() < 0.95
    return {
        "subject": subject,
        "kind": kind,
        "account": account.reference,
        "contact": random.choice(account.contacts),
        "owner": account.owner,
        "due": due,
        "stage": "done" if is_done else "planned",
        "done_on": due if is_done else None,
        "result": random.choice(RESULTS) if is_done else None,
    }
