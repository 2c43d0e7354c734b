"""Who wants to work for the demonstration company: applicants of the last four months, at every stage."""

from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from apps.demo.batches import Batches, Reference, Row
from apps.demo.names import person, unused
from apps.demo.organisation import POSITIONS, Position

TIME_ZONE = ZoneInfo("Asia/Shanghai")
APPLICANTS = 96
BACK = 120
FOREIGN_SHARE = 0.25
# The places that are open, and how many apply for each.
WANTED = {
    "engineer": 9,
    "senior_engineer": 4,
    "salesperson": 6,
    "service_engineer": 4,
    "tester": 3,
    "product_manager": 3,
    "fitter": 5,
    "accountant": 2,
    "specialist": 2,
}
SOURCES = {"website": 9, "agency": 4, "referral": 4, "fair": 2, "other": 1}
# Where those stand who applied within so many days, and the rest.
STANDING = (
    (5, {"received": 1}),
    (16, {"received": 45, "interview": 40, "declined": 15}),
    (35, {"interview": 40, "offered": 18, "hired": 7, "declined": 35}),
    (55, {"interview": 6, "offered": 14, "hired": 25, "declined": 55}),
    (BACK, {"hired": 25, "declined": 75}),
)
READ_ONLY = 0.6
"""The share of those who were declined without an interview."""
ANSWERED = 16
"""Days after which everybody has an answer."""
LETTERS = {
    "zh": (
        "您好，我有{years}年相关工作经验，希望应聘{wanted}，期待与您面谈。",
        "在招聘网站看到贵公司招聘{wanted}，本人从业{years}年，可随时面试。",
        "现任职于同行业企业，{years}年经验，希望在云杉自动化获得更大的发展空间。",
        "朋友推荐我了解贵公司。我做过{years}年{wanted}，熟悉产线现场。",
    ),
    "en": (
        "I have {years} years of experience ({wanted}) and would like to talk with you.",
        "The plant where I work runs your controllers. I have been there for {years} years ({wanted}).",
        "A colleague of yours told me about the team. I bring {years} years of experience.",
    ),
}
NOTES = {
    "interview": (
        "By telephone: friendly, precise. 电话沟通顺畅，表达清楚。",
        "Second round with the team. 需与团队复试。",
        "Bring samples of work. 请带作品或项目资料。",
        None,
    ),
    "offered": (
        "Wants an answer on the salary by Friday. 周五前答复薪资。",
        "Notice of one month. 需一个月交接。",
    ),
    "hired": ("Comes with good references. 背景调查良好。", None),
    "declined": (
        "Another candidate fits better. 有更合适的人选。",
        "Salary beyond the band. 期望薪资超出范围。",
        "Keep in mind for next year. 纳入人才库，明年再联系。",
        None,
    ),
}


def add_applicants(batches: Batches, today: date) -> None:
    """Adds applicants as they come in: the newer, the nearer to the beginning of their way."""
    # Of its own, so that what is added before stays as it is.
    random = Random(today.year)
    positions = {each.key: (Reference("hrm.position", row), each) for row, each in enumerate(POSITIONS)}
    days = sorted(int(BACK * random.random() ** 1.7) for _ in range(APPLICANTS))
    used: set[str] = set()
    batches.add(
        "hrm.applicant",
        (_applicant(random, today, ago, used, *positions[_one_of(random, WANTED)]) for ago in reversed(days)),
    )


def _one_of(random: Random, weights: dict[str, int]) -> str:
    return random.choices(tuple(weights), tuple(weights.values()))[0]


def _applicant(
    random: Random, today: date, ago: int, used: set[str], reference: Reference, position: Position
) -> Row:
    name, spelled = person(random, FOREIGN_SHARE)
    language = "en" if name.isascii() else "zh"
    english, _, chinese = position.name.rpartition(" ")
    wanted = english if language == "en" else chinese
    came = today - timedelta(days=ago)
    stage = _one_of(random, next(stages for days, stages in STANDING if ago <= days))
    # Those who were only read have been given neither a position nor a day.
    invited = stage != "received" and (stage != "declined" or random.random() > READ_ONLY)
    letter = random.choice(LETTERS[language]).format(years=random.randint(2, 14), wanted=wanted)
    return {
        "name": name,
        "wanted": wanted,
        "email": f"{unused(spelled, used)}@applicant.example",
        "mobile": f"+86 137 0000 {random.randrange(10_000):04}",
        "start": _working_day(came + timedelta(days=random.choice((14, 30, 30, 60)))),
        "source": _one_of(random, SOURCES),
        "message": letter,
        "stage": stage,
        "position": reference if invited else None,
        "interview_on": _interview(random, today, came, stage) if invited else None,
        "notes": random.choice(NOTES[stage]) if stage in NOTES else None,
        # Nothing of today lies in the future.
        "created_at": datetime.combine(
            came, time(random.randrange(8, 22) if ago else 0, random.randrange(60)), TIME_ZONE
        ),
    }


def _interview(random: Random, today: date, came: date, stage: str) -> date:
    """A working day: ahead for half of those who wait for theirs, before today for everybody further."""
    answered = came + timedelta(days=ANSWERED)
    if stage == "interview" and (answered > today or random.random() < 0.5):
        return _working_day(today + timedelta(days=random.randrange(12)))
    return min(_working_day(came + timedelta(days=random.randrange(4, ANSWERED - 2))), today)


def _working_day(day: date) -> date:
    return day + timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))
