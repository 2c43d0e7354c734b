"""Calendars: what is written about working time, and the files that list holidays."""

from datetime import date
from pathlib import Path

import pytest

from engine.definition.check import check_texts
from engine.definition.files import read_files
from engine.definition.load import load_app
from engine.problems import DefinitionRefused
from engine.working_time import hours_of, is_working_day, working_days

ROOT = Path(__file__).parents[2]
APP = """
app: shop
calendars:
  office:
    label: {en: Office hours, zh: 办公时间}
    week: {mon-thu: ["09:00-12:00", "13:00-18:00"], fri: ["09:00-12:00"]}
    holidays: [holidays.yaml, 2026-12-24 to 2026-12-26, 2026-12-31]
    working: [2026-12-27]
  shop: {week: {sat-mon: ["10:00-24:00"]}}
entities:
  order:
    fields:
      name: {type: text}
"""
HOLIDAYS = """
label: Our holidays
source: the works council
holidays:
  summer: {label: Summer break, days: [2026-08-03 to 2026-08-14], working: [2026-08-15]}
"""


def test_a_calendar_has_hours_holidays_and_days_that_are_worked_instead() -> None:
    app = load_app({"shop.yaml": APP, "holidays.yaml": HOLIDAYS})
    office, shop = app.calendars["office"], app.calendars["shop"]
    assert (office.key, office.label.to("zh")) == ("shop.office", "办公时间")
    assert hours_of(office.time, date(2026, 7, 30)) == ((540, 720), (780, 1080))
    assert hours_of(office.time, date(2026, 7, 31)) == ((540, 720),)
    assert hours_of(office.time, date(2026, 8, 15)) == ((540, 720), (780, 1080))
    assert [is_working_day(office.time, date(2026, 12, day)) for day in (23, 24, 25, 26, 27, 28, 31)] == [
        *(True, False, False, False),
        *(True, True, False),
    ]
    assert working_days(office.time, date(2026, 8, 3), date(2026, 8, 16)) == 1
    assert [len(each) for each in shop.time.week] == [1, 0, 0, 0, 0, 1, 1]
    assert shop.time.week[5] == ((600, 1440),)


def test_what_is_wrong_with_a_file_of_holidays_is_told_there() -> None:
    broken = HOLIDAYS.replace("days: [", "day: [").replace("source", "sauce")
    with pytest.raises(DefinitionRefused) as refused:
        load_app({"shop.yaml": APP, "holidays.yaml": broken})
    assert [str(each) for each in refused.value.problems] == [
        "holidays.yaml:3:1: A list of holidays has no key 'sauce'. Did you mean 'source'?",
        "holidays.yaml:5:3: A holiday needs the key 'days'.",
        "holidays.yaml:5:33: A holiday has no key 'day'. Did you mean 'days'?",
    ]


def test_included_files_bring_calendars(tmp_path: Path) -> None:
    entities = "entities: {a: {fields: {b: {type: text}}}}"
    office = 'office: {week: {mon: ["09:00-12:00"]}, holidays: days.yaml}'
    (tmp_path / "app.yaml").write_text(f"app: shop\ninclude: [time.yaml]\n{entities}\n")
    (tmp_path / "time.yaml").write_text(f"calendars:\n  {office}\n")
    (tmp_path / "days.yaml").write_text("holidays: {one: {days: [2026-11-23]}}\n")
    ((_, texts),) = read_files([tmp_path / "app.yaml"]).items()
    assert list(texts) == ["app.yaml", "time.yaml", "days.yaml"]
    assert load_app(texts).calendars["office"].time.off == (date(2026, 11, 23),)


def test_the_chinese_holidays_of_2026() -> None:
    """Against the State Council's notice: 33 days off, of which 19 are weekdays, and 6 make-up days."""
    checked = check_texts(list(read_files([ROOT / "hrm_app.yaml", ROOT / "crm_app.yaml"]).values()))
    office = checked.apps["hrm"].calendars["office"].time
    assert (len(office.off), len(office.extra)) == (19, 6)
    assert working_days(office, date(2026, 1, 1), date(2026, 12, 31)) == 261 - 19 + 6
    assert checked.apps["crm"].calendars["office"].time == office
