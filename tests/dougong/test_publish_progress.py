"""What a publish shows to who began it on the command line."""

import sys
from datetime import UTC, datetime, timedelta

import pytest

from dougong.commands import progress
from engine.releases.progress import Running

SENTENCE = {"en": "Adds Discount to Deal.", "zh": "为商机添加折扣。"}


def running(seconds: float, number: int = 3) -> Running:
    since = datetime.now(UTC) - timedelta(seconds=seconds)
    return Running("ada", since, since, SENTENCE, number, 7)


def test_a_terminal_has_one_line_that_changes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    show = progress.shown_in_terminal()
    show(running(12.1))
    monkeypatch.setenv("COLUMNS", "20")
    show(running(12.1))
    show(None)
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err == (
        "\rAdds Discount to Deal. (step 3 of 7, running for 12 s)\x1b[K\rAdds Discount to …\x1b[K\r\x1b[K"
    )


def test_elsewhere_a_long_step_has_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    show = progress.shown_in_terminal()
    for each in (running(0.5), running(4), running(9), running(5, number=4), None):
        show(each)
    assert capsys.readouterr().err == (
        "… 为商机添加折扣。 (第 3 步，共 7 步、已进行 4 秒)\n"
        "… 为商机添加折扣。 (第 4 步，共 7 步、已进行 5 秒)\n"
    )


def test_chinese_takes_two_columns() -> None:
    assert progress.clipped("为商机添加折扣。", 16) == "为商机添加折扣。"
    assert progress.clipped("为商机添加折扣。", 15) == "为商机添加…"
