"""One mistake a file: its problem stands in the first comment line."""

from pathlib import Path

import pytest

from engine.definition.check import check_texts
from engine.problems import DefinitionRefused

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_each_mistake_has_its_sentence_at_its_place(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = text.partition("\n")[0].removeprefix("# ")
    with pytest.raises(DefinitionRefused) as refused:
        check_texts([{path.name: text}])
    assert [str(problem) for problem in refused.value.problems] == [expected]


def test_there_is_a_file_for_every_kind_of_mistake() -> None:
    assert len(BAD) >= 130
