"""Words of texts and of questions, whatever the script."""

import pytest

from engine.schema.search_words import WORDS_AT_MOST, Term, terms_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("…! — _", []),
        ("Hello, hello world", ["hello", "world"]),
        ("\uff21\uff22\uff23\uff11\uff12\uff13", ["abc123"]),
        ("naïve Ærø Straße", ["naive", "ærø", "strasse"]),
        ("张", ["张"]),
        ("林悦R740型", ["林悦", "悦", "r740", "型"]),
        ("東京タワー", ["東京", "京タ", "タワ", "ワー", "ー"]),
        ("anna@nordwind.com", ["anna", "nordwind", "com"]),
    ],
)
def test_words_of(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_a_very_long_text_keeps_a_bounded_number_of_words() -> None:
    assert len(words_of(" ".join(f"w{number}" for number in range(10_000)))) == WORDS_AT_MOST


@pytest.mark.parametrize("text", ["Ann", "海尔智家", "R740 扩容", "É", "请"])
def test_every_text_is_found_by_itself(text: str) -> None:
    kept = words_of(text)
    for term in terms_of(text):
        for word in term.words:
            assert word in kept or (term.begins and any(each.startswith(word) for each in kept))


def test_a_question_in_quotation_marks_is_only_words() -> None:
    assert terms_of("\"' OR * NEAR(") == (Term(("or",), begins=True), Term(("near",), begins=True))
