"""A follow-up becomes a question that stands alone: the search must find what "it" means.

With a language model, by asking it; what it returns is used only when its words come from the conversation. Without
one, or when it fails, by rules: a question that leans on the turn before (a pronoun without a name, "what about ...",
hardly a word of its own) takes over that turn's question, with the new name or year put in where one is named, or its
names and topic words. Nothing is taken from an answer but the names that begin it, where the question to it named none.
"""

import re
from collections.abc import Mapping, Sequence

from assistant.errors import HistoryError, LLMError
from assistant.llm import Budget, ChatModel, Message
from assistant.polarity import FUNCTION_WORDS
from assistant.prompts import estimate_tokens, repeats_rules, rewrite_messages
from ingest.terms import STOP_WORDS
from ingest.words import words_of

MAX_HISTORY_TOKENS = 1000
MAX_RULE_TOKENS = 4000  # of the conversation that the rules look back on
# `bench/answers.py`, MTRAG's last turns, all contexts of the set indexed together: a context of the task is first for
# 0.824 of the questions as they are, for 0.891 so rewritten and for 0.885 joined with the turn before. Where another
# conversation stands before a question that needs none, for 0.890, 0.890 and 0.574.
MIN_OWN_WORDS = 3  # a question with fewer words of its own, and no name, leans on the one before
MAX_OWN_WORDS = 6  # one with more of them can be found by them, whatever it points at
MAX_CARRIED = 6  # words taken over
MIN_SHARE_KNOWN = 0.6  # of a model's words must stand in the conversation, else it made them up
MAX_REWRITTEN_CHARS = 400
MAX_ABOUT_CHARS = 120
MAX_TIME_SHARE = 1 / 3  # of a question's time may go into its rewriting

_POINTING = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|such|same|former"
    r"|latter|ones?|another|others?|else|either|neither|both)\b",
    re.IGNORECASE,
)
_NOT_POINTING = re.compile(
    r"\b(?:is|are|was|were|does|do|did|can|will) there\b|\bthere (?:is|are|was|were|will)\b", re.I
)
_LEANING_START = re.compile(
    r"\W*(?:and|but|or|so|also|then|because|(?:what|how) about|what if|any (?:other|more))\b", re.I
)
_DEFINING = re.compile(r"\W*what(?:'s|’s| is| are| does) (?!the\b)[\w -]+\W*", re.IGNORECASE)
_ABOUT = re.compile(
    r"\W*(?:(?:and|or|but|so|then)\W+)?(?:(?:what|how) about\W+)?"
    r"(?:(?:in|for|with|at|from|of|by)\s+)?(?P<new>[^?.!]{2,40}?)\W*",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"\b(?:[A-Z][\w&.-]*\w|[A-Z])(?:\s+(?:(?:of|the|de|van|von|del|la)\s+)?(?:[A-Z][\w&.-]*\w|[A-Z]\b|\d[\w.-]*\b))*"
    r"|\b[a-z]+[A-Z]\w+\b"
)
_OPENING_WORDS = STOP_WORDS | FUNCTION_WORDS.union(
    "many much please tell give show list name explain describe compare thanks thank yes no ok okay hi hello hey sorry "
    "sure unfortunately currently generally typically usually based overall several multiple various".split()
)
_SAYS_NOTHING = frozenset(
    "need needs happen happens happened help think know understand want mean means meant talk talking say says said "
    "use used get got heard hear told question wonder wondering interested possible available right really".split()
)
_PRONOUN = re.compile(r"\b(?:(?P<whose>its|his|their|her(?=\s+[a-z]))|it|he|him|she|her|they|them)\b(?!['’])", re.I)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_LABEL = re.compile(r"\W*(?:(?:the )?(?:standalone|rewritten|last) )?question(?: alone)?\s*:\s*", re.IGNORECASE)


def read_history(turns: Sequence[Mapping[str, object]]) -> tuple[Message, ...]:
    """The conversation as messages. Raises HistoryError for what has not ``role`` user or assistant and a text."""
    if not isinstance(turns, Sequence) or isinstance(turns, str):
        raise HistoryError(f"the history is {str(turns)[:80]!r}; expected a list of messages")
    messages: list[Message] = []
    for place, turn in enumerate(turns, start=1):
        role, content = (turn.get("role"), turn.get("content")) if isinstance(turn, Mapping) else (None, None)
        if role not in ("user", "assistant") or not isinstance(content, str):
            raise HistoryError(
                f"message {place} of the history is {str(turn)[:80]}; "
                'expected {"role": "user" or "assistant", "content": text}'
            )
        messages.append({"role": "user" if role == "user" else "assistant", "content": content})
    return tuple(messages)


def bounded(history: Sequence[Message], max_tokens: int = MAX_HISTORY_TOKENS) -> tuple[Message, ...]:
    """The last messages that fit into ``max_tokens``, in order; each cut to that many characters."""
    kept: list[Message] = []
    max_characters = max_tokens
    for message in reversed(history):
        content = " ".join(message["content"].split())[:max_characters]
        max_tokens -= estimate_tokens(content)
        if max_tokens < 0:
            break
        kept.append({"role": message["role"], "content": content})
    return tuple(reversed(kept))


def standalone_question(
    question: str,
    history: Sequence[Mapping[str, object]],
    model: ChatModel | None = None,
    *,
    budget: Budget | None = None,
) -> str | None:
    """The question as it must be asked without the conversation; None when it stands alone as it is.

    Raises HistoryError. A model that fails is no error here: the rules take its place.
    """
    turns = read_history(history)
    if not any(turn["role"] == "user" for turn in turns):
        return None
    if model is not None and (written := _by_model(question, turns, model, budget)):
        return written if written != " ".join(question.split()) else None
    return carried_over(question, turns)


def _by_model(question: str, turns: Sequence[Message], model: ChatModel, budget: Budget | None) -> str | None:
    """What the model makes of the question; None when it fails or makes things up."""
    recent = bounded(turns)
    try:
        part = (budget or Budget(model.max_seconds)).share(MAX_TIME_SHARE, f"model {model.name!r}")
        reply = model.complete(rewrite_messages(question, recent), budget=part)
    except LLMError:  # the answer's own request, which follows, reports it
        return None
    line = next((line for line in map(str.strip, reply.splitlines()) if line), "")
    line = _LABEL.sub("", line, count=1).strip("\"“”'`* ")
    known = set(words_of(" ".join([question, *(turn["content"] for turn in recent)])))
    own = words_of(line)
    if not own or len(line) > MAX_REWRITTEN_CHARS or repeats_rules(line):
        return None
    if sum(word in known for word in own) < MIN_SHARE_KNOWN * len(own):
        return None
    return line


def carried_over(question: str, turns: Sequence[Message]) -> str | None:
    """The question with what it takes over from the turns before it, by rules; None when it takes over nothing."""
    before, answered = "", ""
    for turn in bounded(turns, MAX_RULE_TOKENS):
        if turn["role"] == "assistant":
            answered = turn["content"]
        else:
            before = _leaning_on(turn["content"], before, answered) or turn["content"]
    return _leaning_on(" ".join(question.split()), before, answered)


def leans(question: str) -> bool:
    """Whether a question needs what was said before it."""
    own, names = set(words_of(question)), names_in(question)
    if len(own) > MAX_OWN_WORDS:
        return False
    named = any(" " in name or not question.startswith(name) for name in names)  # a capital may only begin a sentence
    pointing = _POINTING.search(_NOT_POINTING.sub(" ", question))
    short = len(own) < MIN_OWN_WORDS and not (named or (own and _DEFINING.fullmatch(question)))
    if _LEANING_START.match(question) or short:
        return True
    return pointing is not None and not any(question.find(name) < pointing.start() for name in names)


def names_in(text: str) -> list[str]:
    """The names in a text, without a common word that only begins a sentence, in order, each once."""
    found = (_trimmed(match[0]) for match in _NAME.finditer(text))
    return list(dict.fromkeys(name for name in found if name))


def _trimmed(name: str) -> str:
    """A name without the common words before it: ``The Ascend 950`` and ``Does Nvidia`` begin sentences."""
    words = name.split()
    while words and words[0].lower() in _OPENING_WORDS:
        words.pop(0)
    return " ".join(words)


def _leaning_on(question: str, before: str, answered: str) -> str | None:
    """The question made whole by the one before it; None when it leans on nothing, or nothing is there to lean on."""
    if not before or not leans(question):
        return None
    return _put_in(question, before) or _with_topic(question, before, answered)


def _put_in(question: str, before: str) -> str | None:
    """The question before with a new year or name put in: ``what about Baidu?``, ``and in 2026?``; None for others."""
    about = _ABOUT.fullmatch(question[:MAX_ABOUT_CHARS])
    new = about["new"] if about else ""
    if _YEAR.fullmatch(new):
        moved, times = _YEAR.subn(new, before)
        return moved if times else f"{before.rstrip(' ?.!')} in {new}?"
    old = names_in(before)
    if names_in(new) == [new] and len(old) == 1 and new != old[0]:
        return before.replace(old[0], new)
    return None


def _with_topic(question: str, before: str, answered: str) -> str | None:
    """The question, with what it takes over: a name in the place of its pronoun, or names and words in brackets.

    They are the question before's; where that names nothing, the names that begin the answer to it stand for it.
    """
    names = names_in(before)
    if all(len(name) <= 3 for name in names):  # AI, EU: a subject's letters, not what "it" stands for
        names += [name for name in names_in(answered[:200]) if name.lower() not in f"{before} {answered}"][:2]
    own = set(words_of(question))
    years = [] if _YEAR.search(question) else _YEAR.findall(before)
    carried = _new_words([*names, *years, *re.findall(r"[^\s()]+", before)], own, years)
    if len(names) == 1 and len(carried) <= 2 and carried[:1] == names:
        named = _in_its_place(names[0], question, before)
        if named:
            return named
    return f"{question} ({', '.join(carried[:MAX_CARRIED])})" if carried else None


def _new_words(pieces: Sequence[str], own: set[str], years: Sequence[str]) -> list[str]:
    """The pieces that say something the words before them, and ``own``, do not; years only where they are wanted."""
    known, carried = set(own), []
    for piece in pieces:
        word = piece.strip(".,;:!?\"“”'’*")
        terms = words_of(word)
        vague = word.lower() in _OPENING_WORDS or word.lower() in _SAYS_NOTHING
        if vague or known.issuperset(terms) or (_YEAR.fullmatch(word) and word not in years):
            continue
        known.update(terms)
        carried.append(word)
    return carried


def _in_its_place(name: str, question: str, before: str) -> str | None:
    """The question with its first pronoun made the name, as it was said before; None when it has no pronoun."""
    found = _PRONOUN.search(question)
    if found is None:
        return None
    said = f"the {name}" if re.search(rf"\bthe {re.escape(name)}", before, re.IGNORECASE) else name
    if found["whose"]:
        said += "'" if said.endswith("s") else "'s"
    if not found.start():
        said = said[0].upper() + said[1:]
    return f"{question[: found.start()]}{said}{question[found.end() :]}"
