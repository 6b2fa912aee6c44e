import pytest

from ingest.language import language_of

SAMPLES = {
    "en": "The harbour board met on Monday and decided that the quay would be built of concrete after all.",
    "de": "Der Hafenrat hat am Montag entschieden, dass die neue Kaimauer nun doch aus Beton gebaut werden soll.",
    "fr": "Le conseil du port a décidé lundi que le nouveau quai serait construit en béton, et non en acier.",
    "es": "El consejo del puerto decidió el lunes que el nuevo muelle se construya de hormigón y no de acero.",
    "ru": "Совет порта решил в понедельник, что новый причал будет построен из бетона, а не из стали.",
    "uk": "Рада порту вирішила в понеділок, що новий причал збудують із бетону, а не зі сталі, її підтримали.",
    "zh": "港口委员会周一决定，新码头将用混凝土建造，而不是用钢材。",
    "ja": "港湾委員会は月曜日に、新しい岸壁を鋼鉄ではなくコンクリートで建設することを決めました。",
    "ko": "항만 위원회는 월요일에 새 부두를 강철이 아닌 콘크리트로 짓기로 결정했다.",
    "el": "Το συμβούλιο του λιμανιού αποφάσισε τη Δευτέρα ότι η νέα προβλήτα θα χτιστεί από σκυρόδεμα.",
}


@pytest.mark.parametrize("code", SAMPLES)
def test_language_of(code: str) -> None:
    assert language_of(SAMPLES[code]) == code


@pytest.mark.parametrize("text", ["", "12 34", "Qwxz vbnm plok", "Łódź Kraków"])
def test_what_is_not_clear_stays_unknown(text: str) -> None:
    assert language_of(text) == ""


@pytest.mark.parametrize(
    ("code", "declared", "found"),
    [
        ("en", "en", "en"),
        ("zh", "en", "zh"),
        ("ru", "en", "ru"),
        ("ru", "bg", "bg"),
        ("ja", "ja", "ja"),
        ("de", "nl", "nl"),
    ],
)
def test_a_declaration_is_believed_unless_the_script_contradicts(code: str, declared: str, found: str) -> None:
    assert language_of(SAMPLES[code], declared=declared) == found
