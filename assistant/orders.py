"""Sentences that speak to a machine and not to the reader: planted orders, which are never quoted as an answer."""

import re

_ORDER = re.compile(
    r"""\b(?:ignore|disregard|forget|override|bypass)\b [^.!?\n]{0,40}
            \b(?:instructions?|prompts?|rules?|guidelines?|directions?|context|orders)\b
      | \b(?:you\ are|act\ as|pretend\ to\ be|behave\ as)\b [^.!?\n]{0,30}
            \b(?:now|assistant|ai|chat\s?bot|language\ model|llm|unrestricted)\b
      | \b(?:system|developer)\ (?:prompt|message|instruction)s?\b
      | ^\W*(?:system|assistant|developer)\s*:\s
      | \b(?:as\ an?|dear|attention,?)\ (?:ai|language\ model|llm|assistant|chat\s?bot)\b
      | \b(?:new|updated|important|hidden)\ instructions?\s*(?::|for\ (?:the\ )?(?:ai|assistant|model))
      | <\|?(?:im_start|im_end|system|assistant|endoftext)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def speaks_to_a_machine(sentence: str) -> bool:
    """Whether a sentence gives orders to a model that may read it."""
    return _ORDER.search(sentence) is not None
