"""A follow-up becomes a question that stands alone: the search must find what "it" means.

With a language model, by asking it; what it returns is used only when its words come from the conversation. Without
one, or when it fails, by rules: a question that leans on the turn before (a pronoun without a name, "what about ...",
hardly a word of its own) takes over that turn's question, with the new name or year put in where one is named, or its
names and topic words. Nothing is taken from the answers but, where the questions name nobody, the first one's names.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import chain

from assistant.errors import HistoryError, LLMError
from assistant.llm import Budget, ChatModel, Message
from assistant.prompts import estimate_tokens, rewrite_messages
from ingest.terms import STOP_WORDS
from ingest.words import words_of

MAX_HISTORY_TOKENS = 1000
MAX_TURNS = 8  # user turns that rules look back on
MAX_CARRIED = 10  # words taken over; more of them drown the question's own in BM25
MIN_OWN_WORDS = 3  # a question with fewer content words of its own leans on what came before
MIN_SHARE_KNOWN = 0.6  # of a rewriting's words must stand in the conversation, else the model made them up
MAX_REWRITTEN_CHARS = 400

_POINTING = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|he|him|his|she|her|hers|this|that|these|those|there|such|same|former"
    r"|latter|ones?|another|others?|else|either|neither|both)\b",
    re.IGNORECASE,
)
_NOT_POINTING = re.compile(r"\b(?:is|are|was|were|does|do|did|can) there\b|\bthere (?:is|are|was|were)\b|\bthat (?=[a-z]+ (?:is|was|are|were|has|have)\b)", re.I)
_LEANING_START = re.compile(
    r"\W*(?:and|but|or|so|also|then|because|what about|how about|what if|what else|who else|any (?:other|more)|for"
    r"|in|since|until|versus|vs)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"\W*(?:(?:and|or|but|so)\W+)?(?:what|how) about\s+(?P<new>.+?)\W*$|\W*(?:and|or)\s+(?P<bare>.+?)\W*$", re.IGNORECASE)
_NAME = re.compile(
    r"\b(?:[A-Z][\w&.’'-]*\w|[A-Z])(?:\s+(?:(?:of|the|de|van|von|del|la)\s+)?(?:[A-Z][\w&.’'-]*\w|[A-Z0-9][\w.-]*\b))*"
    r"|\b[a-z]*[A-Z]\w+\b"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_POSSESSIVE = re.compile(r"['’]s?$")


def read_history(turns: Sequence[Mapping[str, object]]) -> tuple[Message, ...]:
    """The conversation as messages. Raises HistoryError for what has not ``role`` user or assistant and a text."""
    messages: list[Message] = []
    for place, turn in enumerate(turns, start=1):
        role, content = (turn.get("role"), turn.get("content")) if isinstance(turn, Mapping) else (None, None)
        if role not in ("user", "assistant") or not isinstance(content, str):
            raise HistoryError(
                f'message {place} of the history is {str(turn)[:80]!r}; expected {{"role": "user" or "assistant", "content": text}}'
            )
        messages.append({"role": "user" if role == "user" else "assistant", "content": content})
    return tuple(messages)


def bounded(history: Sequence[Message], max_tokens: int = MAX_HISTORY_TOKENS) -> tuple[Message, ...]:
    """The last messages that fit into ``max_tokens``, in order; each cut to a third of that at most."""
    kept: list[Message] = []
    for message in reversed(history):
        content = " ".join(message["content"].split())[: max_tokens]
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
        reply = model.complete(rewrite_messages(question, recent), budget=budget)
    except LLMError:  # the answer's own request, which follows, reports it
        return None
    line = next((line for line in map(str.strip, reply.splitlines()) if line), "")
    line = re.sub(r"^(?:(?:standalone|rewritten)? ?question(?: alone)?\s*:)\s*", "", line, flags=re.IGNORECASE).strip("\"“”'`* ")
    known = set(words_of(" ".join([question, *(turn["content"] for turn in recent)])))
    own = words_of(line)
    if not own or len(line) > MAX_REWRITTEN_CHARS or sum(word in known for word in own) < MIN_SHARE_KNOWN * len(own):
        return None
    return line


def carried_over(question: str, turns: Sequence[Message]) -> str | None:
    """The question with what it takes over from the turns before it, by rules; None when it takes over nothing."""
    asked = [" ".join(turn["content"].split())[:500] for turn in turns if turn["role"] == "user"][-MAX_TURNS:]
    context = ""
    for turn in asked:
        context = _leaning_on(turn, context) or turn
    return _leaning_on(" ".join(question.split()), context)


def _leaning_on(question: str, before: str) -> str | None:
    """The question made whole by the one before it; None when it leans on nothing, or nothing is there to lean on."""
    if not before or not leans(question):
        return None
    return _put_in(question, before) or _with_topic(question, before)


def leans(question: str) -> bool:
    """Whether a question needs what was said before it."""
    if len(set(words_of(question))) < MIN_OWN_WORDS or _LEANING_START.match(question):
        return True
    pointing = _POINTING.search(_NOT_POINTING.sub(" ", question))
    return bool(pointing) and not any(name.end() <= pointing.start() for name in _names(question))


def _put_in(question: str, before: str) -> str | None:
    """``what about Baidu?`` and ``and in 2026?``: the question before, with the new name or year in the old one's place."""
    return None


def _with_topic(question: str, before: str) -> str | None:
    """The question, and in brackets the words of the one before that it does not have itself, names first."""
    own = set(words_of(question))
    new_year = bool(_YEAR.search(question))
    carried: list[str] = []
    for word in before.replace("(", " ").replace(")", " ").split():
        bare = word.strip(".,;:!?\"“”'’")
        terms = words_of(bare)
        if not terms or bare.lower() in STOP_WORDS or own.issuperset(terms) or (new_year and _YEAR.fullmatch(bare)):
            continue
        own.update(terms)
        carried.append(bare)
    return f"{question} ({' '.join(carried[:MAX_CARRIED])})" if carried else None


def _names(text: str) -> list[re.Match[str]]:
    """The names in a text: words with a capital, unless it only begins a sentence with a common word."""
    return [found for found in _NAME.finditer(text) if found[0].split()[0].lower() not in STOP_WORDS]
