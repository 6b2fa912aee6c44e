"""True sentences made false, and true sentences said otherwise: the material of `bench/verify.py`.

Every change is made by rule from the sentence alone; its words are not the checker's tables. Each function returns the
changed sentence, or None where the sentence offers nothing to change.
"""

import itertools
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.polarity import FUNCTION_WORDS

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
NUMBER_WORDS = "two three four five six seven eight nine ten eleven twelve".split()
OPPOSITES = [
    tuple(line.split("/"))
    for line in (
        "more than/less than rose/fell increased/decreased increase/decrease before/after above/below over/under "
        "largest/smallest higher/lower highest/lowest first/last accepted/rejected bought/sold won/lost up/down "
        "northern/southern eastern/western north/south east/west early/late began/ended opened/closed with/without "
        "major/minor positive/negative success/failure most/least many/few older/younger inside/outside "
        "approved/rejected gained/lost joined/left better/worse strong/weak public/private legal/illegal "
        "allowed/banned include/exclude growth/decline earlier/later supported/opposed profit/loss "
        "expanded/shrank hired/fired confirmed/denied upper/lower maximum/minimum majority/minority cheaper/costlier "
        "always/never male/female men/women possible/impossible raised/cut rising/falling gains/losses"
    )
    .replace("more than", "more_than")
    .replace("less than", "less_than")
    .split()
]
FLIPS = {a.replace("_", " "): b.replace("_", " ") for pair in OPPOSITES for a, b in (pair, pair[::-1])}
SAME = {
    "purchased": "bought", "acquired": "bought", "said": "stated", "about": "around", "large": "big", "firm": "company",
    "began": "started", "start": "begin", "shows": "indicates", "largest": "biggest", "however": "though",
    "children": "kids", "also": "additionally", "many": "numerous", "helped": "assisted", "nearly": "almost",
    "received": "got", "quickly": "rapidly", "employees": "workers", "whole": "entire", "buy": "purchase",
}  # fmt: skip
NAME = re.compile(r"(?<=[a-z,;] )(?:[A-Z][a-zé’'-]+(?: [A-Z][a-zé-]+)*|[A-Z]{2,5})(?=[ ,.;’'])")
CODE = re.compile(r"\b(?:[A-Z][A-Za-z]*-?\d{1,4}[A-Za-z]?|(?<=[a-z] )[A-Z][a-z]+ \d{1,4})\b(?![,.]\d)")
NUMBER = re.compile(r"(?<![\w.,-])\d{1,3}(?:,\d{3})+|(?<![\w.,/:-])\d+(?:\.\d+)?(?![\w/:]|[,.]\d|-\d)")
AUXILIARY = re.compile(
    r"\b(is|was|are|were|will|can|could|would|should|has|had|have|may|must)\b(?! (?:not|to|never|no)\b)"
)


@dataclass(frozen=True)
class World:
    """What a change may draw on: names, words and clauses of the same corpus."""

    names: Sequence[str]
    words: Sequence[str]
    clauses: Sequence[str] = ()


Change = Callable[[str, str, World, random.Random], str | None]


def swap(sentence: str, match: re.Match[str], new: str) -> str:
    return sentence[: match.start()] + new + sentence[match.end() :]


def _pick(pattern: re.Pattern[str], sentence: str, rng: random.Random) -> re.Match[str] | None:
    found = list(pattern.finditer(sentence))
    return rng.choice(found) if found else None


def _any(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(sorted(words, key=len, reverse=True)) + r")\b")


def number(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another value for a number in digits: a digit, a step, a factor of ten."""
    match = _pick(NUMBER, sentence, rng)
    if match is None or (len(match[0]) == 4 and match[0][:2] in ("18", "19", "20")):
        return None
    digits = match[0].replace(",", "")
    value = float(digits)
    new = rng.choice(
        [value + rng.choice([1, 2, 5, 10]), value * 2, value * 10 if value else 7.0, max(value - 1, value / 2)]
    )
    if new == value:
        return None
    places = len(digits.partition(".")[2])
    text = f"{new:,.{places}f}" if "," in match[0] else f"{new:.{places}f}"
    return None if text == match[0] else swap(sentence, match, text)


def number_word(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another number in letters."""
    match = _pick(_any(NUMBER_WORDS), sentence, rng)
    return match and swap(sentence, match, rng.choice([word for word in NUMBER_WORDS if word != match[0]]))


def scale(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Million for billion."""
    match = _pick(_any(["million", "billion", "trillion", "thousand"]), sentence, rng)
    return match and swap(sentence, match, {"million": "billion", "billion": "million"}.get(match[0], "million"))


def unit(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another unit: euros for dollars, points for percent, miles for kilometres."""
    units = [
        (r"\$(?=\d)", "€"), (r"£(?=\d)", "$"), (r"€(?=\d)", "$"), (r"(?<=\d)\s?%", " percentage points"),
        (r"(?<=\d )percent\b", "percentage points"), (r"(?<=\d )km\b", "miles"), (r"(?<=\d )miles\b", "kilometres"),
        (r"(?<=\d )GB\b", "TB"), (r"(?<=\d )years\b", "months"), (r"(?<=\d )hours\b", "days"),
        (r"(?<=\d )days\b", "weeks"), (r"(?<=\d )kg\b", "pounds"), (r"(?<=\d )minutes\b", "hours"), (r"(?<=\d )feet\b", "metres"),  # noqa: E501
    ]  # fmt: skip
    for pattern, new in rng.sample(units, len(units)):
        match = re.search(pattern, sentence)
        if match:
            return swap(sentence, match, new)
    return None


def date(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another year, month, weekday or day."""
    match = _pick(
        re.compile(rf"\b(?:1[5-9]\d\d|20[0-3]\d)\b|\b(?:{'|'.join(MONTHS[:4] + MONTHS[5:] + WEEKDAYS)})\b"),
        sentence,
        rng,
    )
    if match is None:
        return None
    if match[0].isdigit():
        return swap(sentence, match, str(int(match[0]) + rng.choice([-10, -3, -1, 1, 2, 7])))
    kin = MONTHS if match[0] in MONTHS else WEEKDAYS
    return swap(sentence, match, rng.choice([word for word in kin if word != match[0]]))


def day(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another day of the month."""
    months = "|".join(MONTHS)
    match = _pick(re.compile(rf"\b\d{{1,2}}(?= (?:{months})\b)"), sentence, rng)
    match = match or next(iter(re.finditer(r"(?<=(?:uary|arch|pril|ugus|mber|ober) )\d{1,2}\b(?!:)", sentence)), None)
    return match and swap(sentence, match, str(int(match[0]) % 28 + 1))


def name(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another name of the same corpus, one the passage does not hold."""
    match = _pick(NAME, sentence, rng)
    others = [one for one in rng.sample(world.names, min(40, len(world.names))) if one not in passage]
    same = [one for one in others if match and (" " in one) == (" " in match[0])] or others
    return swap(sentence, match, same[0]) if match and same else None


def name_nearby(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another name of the same passage, in this one's place; months are dates."""
    match = _pick(NAME, sentence, rng)
    if match and match[0] in MONTHS + WEEKDAYS:
        return None
    others = sorted(
        {found for found in NAME.findall(passage) if found not in sentence and found[-2:] not in ("'s", "’s")}
    )
    others = [one for one in others if one.lower() not in FUNCTION_WORDS and one not in MONTHS + WEEKDAYS]
    others = [
        one
        for one in others
        if match and not set(one.split()) & set(sentence.replace(",", " ").replace(".", " ").split())
    ]
    return swap(sentence, match, rng.choice(others)) if match and others else None


def name_first(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another name in place of the one that opens the sentence."""
    match = re.match(
        r"[A-Z][a-zé]+(?: [A-Z][a-z]+)*(?=(?:'s|’s)? (?:is|was|has|had|will|and|said|led|also|won|became)\b)", sentence
    )
    others = [one for one in rng.sample(world.names, min(40, len(world.names))) if one not in passage]
    known = match and (re.search(rf"[a-z,] {re.escape(match[0])}\b", passage) or " " in match[0])
    return swap(sentence, match, others[0]) if match and known and others else None


def code(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another model or version: H200 for H20, Ascend 910 for Ascend 950."""
    match = _pick(CODE, sentence, rng)
    if match is None or any(word in match[0] for word in (*MONTHS, "In ", "On ")):
        return None
    digits = re.search(r"\d+", match[0])
    assert digits
    new = rng.choice([digits[0] + "0", str(int(digits[0]) + rng.choice([1, 10]))])
    return swap(sentence, match, match[0].replace(digits[0], new))


def negation_added(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Not, after an auxiliary; or did not, for a verb in the past."""
    match = _pick(AUXILIARY, sentence, rng)
    if match:
        return swap(sentence, match, match[0] + rng.choice([" not", " never", " not"]))
    match = _pick(re.compile(r"(?<=[a-z] )([a-z]{3,}[^e])ed\b(?= (?:the|a|an|to|that|its|his))"), sentence, rng)
    return match and swap(sentence, match, f"did not {match[1]}")


def negation_removed(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """No, not, never, n't, without: gone."""
    match = _pick(re.compile(r"\b(?:not|never|no)\b (?!only|just|longer)|n['’]t(?= )|\bwithout\b"), sentence, rng)
    return match and swap(sentence, match, "with" if match[0] == "without" else "")


def direction(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """The opposite of a word of direction, size, order or outcome."""
    match = _pick(_any(list(FLIPS)), sentence, rng)
    return match and swap(sentence, match, FLIPS[match[0]])


def quoted(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """One word within quotation marks replaced."""
    match = _pick(re.compile(r"\"[^\"]{12,}\"|“[^“”]{12,}”"), sentence, rng)
    if match is None or sentence.count('"') % 2:
        return None
    words = match[0].split()
    i = rng.randrange(len(words) - 1) + 1 if len(words) > 2 else 0
    if not words[i].isalpha():
        return None
    words[i] = rng.choice(world.words)
    return swap(sentence, match, " ".join(words))


def gender(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """She for he, Ms for Mr."""
    flips = {"he": "she", "she": "he", "his": "her", "He": "She", "She": "He", "Mr": "Ms", "Mrs": "Mr", "him": "her"}
    match = _pick(_any(list(flips)), sentence, rng)
    return match and swap(sentence, match, flips[match[0]])


def thing(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Another lower-case word of the corpus with the same ending, one the passage does not hold."""
    match = _pick(re.compile(r"(?<=[a-z] )[a-z]{5,}(?=[ ,.])"), sentence, rng)
    if match is None or match[0] in SAME or match[0] in FLIPS:
        return None
    kin = [word for word in rng.sample(world.words, min(400, len(world.words))) if word[-2:] == match[0][-2:]]
    new = next((word for word in kin if word not in passage and word[:4] != match[0][:4]), None)
    return swap(sentence, match, new) if new else None


def roles(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Two names of the sentence change places."""
    found = list(re.finditer(r"(?<![\w-])[A-Z][a-zé]+(?: [A-Z][a-z]+)*(?![\w-])", sentence))
    found = [one for one in found if one.start() > 0 or " " in one[0]]
    pairs = [
        (a, b)
        for a, b in itertools.pairwise(found)
        if re.search(r" [a-z]+(?:ed|s|t) ", sentence[a.end() : b.start()])
        and sentence.count(a[0]) == sentence.count(b[0]) == 1
    ]
    if not pairs:
        return None
    a, b = rng.choice(pairs)
    return sentence[: a.start()] + b[0] + sentence[a.end() : b.start()] + a[0] + sentence[b.end() :]


def certainty(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """What may be becomes what will be."""
    match = _pick(re.compile(r"\b(?:may|might|could)\b(?= [a-z])"), sentence, rng)
    return match and swap(sentence, match, "will")


def speaker_dropped(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """The words of a speaker told as fact."""
    match = re.match(
        r"([A-Z][\w.]+(?: [A-Z][\w.]+){0,3}|He|She|The company) (?:said|says|claims|claimed|argued|argues) (?:that )?(?=\w)",  # noqa: E501
        sentence,
    )
    if match:
        rest = sentence[match.end() :]
        return rest[:1].upper() + rest[1:]
    match = re.search(r", (?:according to|said|says) [^,.]+(?=\.$)", sentence)
    return swap(sentence, match, "") if match and match.start() > 40 and len(match[0]) < 60 else None


MUTATIONS: dict[str, Change] = {
    change.__name__: change
    for change in (
        number, number_word, scale, unit, date, day, name, name_nearby, name_first, code, negation_added, negation_removed,  # noqa: E501
        direction, quoted, gender, thing, roles, certainty, speaker_dropped,
    )
}  # fmt: skip


def verbatim(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """The sentence itself."""
    return sentence


def marked_up(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """The sentence with Markdown, markers and a connective."""
    words = sentence.rstrip(".").split()
    words[len(words) // 2] = f"**{words[len(words) // 2]}**"
    return f"Moreover, {' '.join(words)} [1][2]."


def shortened(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """A clause between commas or brackets, without names of speakers, left out."""
    match = _pick(
        re.compile(r", (?:which|who|where|including|along with|such as)\b[^,.]{8,80},(?= [a-z])| \([^)]{4,60}\)"),
        sentence,
        rng,
    )
    return match and swap(sentence, match, "")


def cut_off(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """The last clause left out."""
    match = re.search(r", (?:which|while|and|with|including|as) [^\"“”,]{15,}$", sentence)
    return (
        match and sentence[: match.start()] + "." if match and match.start() > 40 and "said" not in match[0] else None
    )


def moved(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """The opening phrase moved to the end."""
    match = re.match(r"((?:In|On|By|After|During|At|Since) [^,]{3,40}), (?=(\w+))", sentence)
    if match is None or "," in sentence[match.end() :] or ":" in sentence:
        return None
    rest, opening = sentence[match.end() :].rstrip("."), match[1]
    return f"{rest[0].upper()}{rest[1:]} {opening[0].lower()}{opening[1:]}."


def rounded(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """A long number rounded to what a reader remembers."""
    match = _pick(re.compile(r"(?<![\w.,$€£-])(\d{1,3}(?:,\d{3})+)(?![\w,.]\d)"), sentence, rng)
    if match is None:
        return None
    value = int(match[0].replace(",", ""))
    new = f"{value / 1e6:.1f} million" if value >= 1e6 else f"{round(value, -3 if value > 2e4 else -2):,}"
    return (
        swap(sentence, match, f"about {new}")
        if "about" not in sentence[max(0, match.start() - 20) : match.start()]
        else None
    )


def scaled(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """5.5 billion as 5,500 million; 7,000,000 as 7 million."""
    match = _pick(re.compile(r"\b(\d{1,2}(?:\.\d)?) billion\b|\b(\d{1,3}),000,000\b"), sentence, rng)
    if match is None:
        return None
    return swap(sentence, match, f"{float(match[1]) * 1000:,.0f} million" if match[1] else f"{match[2]} million")


def no_separators(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """12,345 as 12345."""
    match = _pick(re.compile(r"\b\d{1,3}(?:,\d{3})+\b"), sentence, rng)
    return match and swap(sentence, match, match[0].replace(",", ""))


def unit_spelling(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Percent for %, dollars for $, kilometres for km."""
    spellings = [
        (r"(?<=\d)%", " percent"), (r"(?<=\d) ?percent\b", "%"), (r"(?<=\d) km\b(?!/)", " kilometres"), (r"(?<=\d) ?GB\b", " gigabytes"),  # noqa: E501
        (r"(?<=\d) million\b", "m" if "$" in sentence else " million"), (r"\$(\d[\d,.]*\d|\d)(?![\w,.–-]*\d|[MBbmk]|-| trillion)( (?:million|billion))?", r"\1\2 dollars"),  # noqa: E501
        (r"(?<=\d) kilometres\b", " km"), (r"(?<=\d) mph\b", " miles per hour"), (r"(?<=\d) per cent\b", " percent"),
    ]  # fmt: skip
    for pattern, new in rng.sample(spellings, len(spellings)):
        changed = re.sub(pattern, new, sentence, count=1)
        if changed != sentence:
            return changed
    return None


def date_format(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """January 5, 2015 as 5 January 2015, or without its day."""
    months = "|".join(MONTHS)
    match = re.search(rf"\b({months}) (\d{{1,2}}),? (\d{{4}})", sentence)
    if match:
        return swap(
            sentence,
            match,
            rng.choice(
                [
                    f"{match[2]} {match[1]} {match[3]}",
                    f"{match[1][:3] if match[1] == 'May' else match[1][:3] + '.'} {match[2]}, {match[3]}",
                ]
            ),
        )
    match = re.search(rf"\b(\d{{1,2}}) ({months})(?: (\d{{4}}))?", sentence)
    return match and swap(sentence, match, f"{match[2]} {match[1]}" + (f", {match[3]}" if match[3] else ""))


def surname(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """A person by surname alone, where the passage itself does so."""
    for match in re.finditer(r"\b([A-Z][a-z]+) ([A-Z][a-z]+)\b", sentence):
        if re.search(rf"(?<![A-Z][a-z] )(?<![a-z] [A-Z])\b{match[2]}\b(?! [A-Z])", passage.replace(match[0], "")):
            return swap(sentence, match, match[2])
    return None


def digits(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Six as 6, or 6 as six."""
    match = _pick(_any(NUMBER_WORDS), sentence, rng)
    if match:
        return swap(sentence, match, str(NUMBER_WORDS.index(match[0]) + 2))
    match = _pick(re.compile(r"(?<= )[2-9](?= [a-z])"), sentence, rng)
    return match and swap(sentence, match, NUMBER_WORDS[int(match[0]) - 2])


def contraction(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Did not as didn't, and the reverse."""
    match = _pick(re.compile(r"\b(did|is|was|were|does|has|had|would|could) not\b"), sentence, rng)
    if match:
        return swap(sentence, match, f"{match[1]}n't")
    match = _pick(re.compile(r"\b(did|is|was|were|does|has|had|would|could)n['’]t\b"), sentence, rng)
    return match and swap(sentence, match, f"{match[1]} not")


def quote_style(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Straight quotation marks for curly ones and the reverse."""
    changed = sentence.replace("“", '"').replace("”", '"').replace("’", "'")
    if changed == sentence and '"' in sentence:
        changed = re.sub(r'"([^"]+)"', r"“\1”", sentence)
    return changed if changed != sentence else None


def quote_part(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """Only the words that are quoted, said by whoever says them there."""
    match = re.search(
        r"[\"“]([^\"“”]{30,}),?[\"”],? ((?:he|she|[A-Z]\w+(?: [A-Z]\w+)?) (?:said|says)|(?:said|says) [A-Z]\w+(?: [A-Z]\w+)?)",  # noqa: E501
        sentence,
    )
    if match is None:
        return None
    words = match[1].rstrip(",").split()
    return f"“{' '.join(words[:8])}”, {match[2]}."


def synonym(sentence: str, passage: str, world: World, rng: random.Random) -> str | None:
    """A word replaced by one that means the same."""
    match = _pick(_any(list(SAME)), sentence, rng)
    return match and swap(sentence, match, SAME[match[0]])


HONEST: dict[str, Change] = {
    change.__name__: change
    for change in (
        verbatim, marked_up, shortened, cut_off, moved, rounded, scaled, no_separators, unit_spelling, date_format, surname,  # noqa: E501
        digits, contraction, quote_style, quote_part, synonym,
    )
}  # fmt: skip
