import pytest

from assistant.verify import check_sentence

PROFIT = (
    "The company reported a profit of 210 million dollars in the third quarter, down from 256 million a year earlier."
)
CHARGE = (
    "Nvidia booked a charge of $4.5 billion, one billion dollars below the figure of $5.5 billion it had announced."
)
FARES = "The council raised bus fares from 2.10 euros to 2.40 euros on Monday."


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The company reported a profit of 256 million dollars in the third quarter.", PROFIT),
        ("Nvidia booked a charge of $5.5 billion.", CHARGE),
        ("Attendance was 4,100 this season.", "Attendance was 3,900 this season, against 4,100 the season before."),
    ],
)
def test_a_figure_given_only_to_compare_with_supports_nothing(sentence: str, source: str) -> None:
    verdict = check_sentence(sentence, [source])
    assert (verdict.support, verdict.contradicted) == ("unsupported", True)
    assert "compare" in verdict.reason


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("The company reported a profit of 210 million dollars in the third quarter.", PROFIT),
        ("The company's profit in the third quarter was down from 256 million dollars a year earlier.", PROFIT),
        ("Nvidia booked a charge of $4.5 billion.", CHARGE),
        ("The council raised bus fares to 2.40 euros on Monday.", FARES),
        ("The council raised bus fares from 2.10 euros to 2.40 euros.", FARES),
        ("The chip carries from 128 to 144 gigabytes.", "The chip carries from 128 to 144 gigabytes of memory."),
        ("The chip carries 128 to 144 gigabytes.", "The chip carries from 128 to 144 gigabytes of memory."),
    ],
)
def test_what_the_source_states_is_not_touched(sentence: str, source: str) -> None:
    assert "compare" not in check_sentence(sentence, [source]).reason
