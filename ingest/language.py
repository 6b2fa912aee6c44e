"""The language of a text, from its script and its commonest words; empty when neither tells.

Place in the flow: reader -> **language** -> ``Article.language``. It serves a warning (an embedder that reads
English only) and a filter, so "unknown" is better than a guess.
"""

import re
from collections.abc import Mapping

_SAMPLE_CHARS = 2000
_MIN_SHARE = (
    0.12  # of the words are among a language's commonest: English news has 0.35 to 0.5, a foreign text under 0.08
)
_SURE_SHARE = 0.3  # no other language comes near: the ten words that English shares with it make up under 0.12
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ar", re.compile("[\u0620-\u06ff]")),
    ("he", re.compile("[\u05d0-\u05ea]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
# Written in Cyrillic or Arabic letters like many others: the script alone does not contradict one of them.
_SHARED_SCRIPT = frozenset(("ru", "uk", "bg", "sr", "mk", "be", "kk", "ar", "fa", "ur", "ps", "hi", "mr", "ne"))
_UKRAINIAN = re.compile("[іїєґ]", re.IGNORECASE)
# The two dozen commonest words of each language, as newspapers use them.
_COMMON = {
    "en": "the of and to in a is that for it as was with be by on not he this are or his from at",
    "de": "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden",
    "fr": "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce",
    "es": "de la que el en y a los se del las un por con no una su para es al lo como más o",
    "it": "di e il la che in un a per è una del non si con da le dei i al alla come sono più",
    "pt": "de a o que e do da em um para é com não uma os no se na por mais as dos como mas",
    "nl": "de van een het en in is dat op te zijn met voor die niet aan er om ook als dan maar bij of",
    "sv": "och i att det som en på är av för med den till inte har om ett han men var jag sig från vi",
    "pl": "w i na z do się że nie to jest o jak za od po przez dla ale był są tym oraz już jego",
    "tr": "ve bir bu da de için ile olarak çok daha olan gibi en kadar sonra ancak ise her o ne",
}
_NAMES = {
    "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "es": "Spanish", "fa": "Persian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi", "hu": "Hungarian",
    "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sr": "Serbian", "sv": "Swedish",
    "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
# Families of embedding models that were trained on English alone, as their names tell; of any other nothing is said.
_MULTILINGUAL = re.compile(r"multilingual|distiluse|labse|bge-m3|-m3(?:$|-)|arctic-embed-.*v2", re.IGNORECASE)
_ENGLISH = re.compile(
    r"(?:all|multi-qa|msmarco|gtr|paraphrase|nli|stsb|sentence-t5)-|e5-(?:small|base|large)|gte-(?:small|base|large)$"
    r"|.*[-_]en(?:[-_.].*)?$|.*english|nomic-embed-text-v1(?:\.5)?$|snowflake-arctic-embed",
    re.IGNORECASE,
)
_COMMON_WORDS = {code: frozenset(words.split()) for code, words in _COMMON.items()}


def language_of(text: str, *, declared: str = "") -> str:
    """The ISO 639-1 code of the language that most of the text is in; empty when that is not clear.

    declared: what the document says of itself. It is believed unless the script is that of another language: pages
    are often declared to be in the language of the software that made them.
    """
    sample = text[:_SAMPLE_CHARS]
    by_script = "" if sample.isascii() else _by_script(sample)
    if by_script and declared and (by_script in _SHARED_SCRIPT) == (declared in _SHARED_SCRIPT):
        return declared if by_script in _SHARED_SCRIPT else by_script
    return by_script or declared or _by_words(sample)


def outside_model(language: str, model_name: str) -> bool:
    """Whether an embedding model is known not to have learnt a language: it is one for English, and this is another.

    language: ISO 639-1 code; an unknown one is never outside. model_name: a hub name or a folder.
    """
    name = model_name.rstrip("/").rpartition("/")[2]
    is_english_only = _ENGLISH.match(name) is not None and not _MULTILINGUAL.search(name)
    return is_english_only and language not in ("", "en")


def languages_outside(model_name: str, counts: Mapping[str, int]) -> str | None:
    """One line on the articles that the embedding model cannot place by their meaning; None when there are none.

    counts: articles by language.
    """
    outside = {code: count for code, count in counts.items() if count > 0 and outside_model(code, model_name)}
    if not outside:
        return None
    total = sum(outside.values())
    ordered = sorted(outside.items(), key=lambda found: (-found[1], found[0]))
    listed = ", ".join(f"{count} in {_NAMES.get(code, code)}" for code, count in ordered)
    return (
        f"{total} of {sum(counts.values())} articles {'is' if total == 1 else 'are'} not in English ({listed}), and "
        f"{model_name!r} was trained on English alone: they are found by their words, hardly by their meaning; set "
        "`embedding_model` to a multilingual model and run `footnote reindex`"
    )


def _by_script(sample: str) -> str:
    """The language whose script writes most of the sample, where the script tells it."""
    letters = sum(map(str.isalpha, sample))
    for code, script in _SCRIPTS:
        # Japanese mixes its kana with Han characters: a tenth of kana is Japanese already.
        if len(script.findall(sample)) > letters * (0.1 if code == "ja" else 0.5):
            return code
    if len(_CYRILLIC.findall(sample)) > letters / 2:
        return "uk" if _UKRAINIAN.search(sample) else "ru"
    return ""


def _by_words(sample: str) -> str:
    """The language whose commonest words make up the largest share of the sample, when it is large enough."""
    words = sample.lower().split()
    if sum(map(_COMMON_WORDS["en"].__contains__, words)) >= _SURE_SHARE * len(words) > 0:
        return "en"
    counts = {code: sum(map(common.__contains__, words)) for code, common in _COMMON_WORDS.items()}
    best = max(counts, key=counts.__getitem__)
    return best if words and counts[best] >= _MIN_SHARE * len(words) else ""
