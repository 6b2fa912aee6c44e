import pytest

from ingest.language import language_of, languages_outside, outside_model

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


@pytest.mark.parametrize(
    "model",
    [
        "all-MiniLM-L6-v2",
        "sentence-transformers/all-mpnet-base-v2",
        "BAAI/bge-small-en-v1.5",
        "models/multi-qa-MiniLM-L6-cos-v1/",
        "intfloat/e5-base-v2",
        "thenlper/gte-small",
    ],
)
def test_what_an_english_model_does_not_read(model: str) -> None:
    assert outside_model("zh", model)
    assert not outside_model("en", model)
    assert not outside_model("", model)


@pytest.mark.parametrize(
    "model",
    [
        "paraphrase-multilingual-MiniLM-L12-v2",
        "intfloat/multilingual-e5-small",
        "BAAI/bge-m3",
        "BAAI/bge-small-zh-v1.5",
        "LaBSE",
        "distiluse-base-multilingual-cased-v2",
        "Snowflake/snowflake-arctic-embed-l-v2.0",
        "my-own-model",
        "",
    ],
)
def test_of_other_models_nothing_is_said(model: str) -> None:
    assert not outside_model("zh", model)
    assert languages_outside(model, {"zh": 3}) is None


def test_the_warning_counts_the_articles_and_names_the_setting() -> None:
    assert languages_outside("all-MiniLM-L6-v2", {"en": 20, "": 2, "de": 0}) is None
    assert languages_outside("all-MiniLM-L6-v2", {"en": 17, "de": 1, "": 2, "zh": 4, "eo": 1}) == (
        "6 of 25 articles are not in English (4 in Chinese, 1 in German, 1 in eo), and 'all-MiniLM-L6-v2' was trained "
        "on English alone: they are found by their words, hardly by their meaning; set `embedding_model` to a "
        "multilingual model and run `footnote reindex`"
    )
    assert str(languages_outside("all-MiniLM-L6-v2", {"ja": 1})).startswith("1 of 1 articles is not in English")
