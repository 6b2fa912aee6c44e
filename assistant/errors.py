"""Everything that can go wrong while a question becomes an answer.

FootnoteError
├── QuestionError            the question is empty or too long (exit status 2)
├── HistoryError             the conversation handed over is not one (exit status 2)
└── LLMError                 the language model did not give a reply that can be used
    ├── LLMUnreachable       no connection, or it broke before the first byte (retryable)
    ├── LLMRefused           401, 402, 403: the key is missing, wrong or out of credit
    ├── LLMNotFound          404: no such model, or the base URL points elsewhere
    ├── LLMRateLimited       429 (retryable)
    ├── LLMFailed            5xx, or an error sent in mid-stream (retryable)
    ├── LLMTimeout           the question's time is up
    ├── LLMProtocolError     what came back is not the chat protocol
    ├── LLMContextTooLong    the prompt does not fit the model's window
    └── LLMCutShort          the reply stopped before its end; what had come was already handed on

The retry policy lives in the types: ``retryable`` says whether the same request may succeed a moment later.
Messages are one line and name the model and its place, never the key.
"""

from typing import ClassVar

from ingest.errors import FootnoteError


class QuestionError(FootnoteError):
    """The question is empty or too long."""

    exit_status = 2


class HistoryError(FootnoteError):
    """The conversation handed over does not have the form ``[{"role": ..., "content": ...}]``."""

    exit_status = 2


class LLMError(FootnoteError):
    """The language model did not give a reply that can be used. ``help`` is the next step, one sentence."""

    retryable: ClassVar[bool] = False
    help: ClassVar[str] = "Try again, or unset FOOTNOTE_LLM_MODEL to answer without a model."


class LLMUnreachable(LLMError):
    """No connection to the server, or it broke before the first byte of a response."""

    retryable = True
    help = "Check that the server is running and that FOOTNOTE_LLM_BASE_URL is its address."


class LLMRefused(LLMError):
    """The server refused the key (401, 402, 403)."""

    help = "Check FOOTNOTE_LLM_API_KEY and what the account is allowed to use."


class LLMNotFound(LLMError):
    """The server knows no such model or no such address (404)."""

    help = "Check FOOTNOTE_LLM_MODEL against the server's list of models, and that FOOTNOTE_LLM_BASE_URL is right."


class LLMRateLimited(LLMError):
    """The server asks for fewer requests (429)."""

    retryable = True
    help = "Wait a moment and ask again."


class LLMFailed(LLMError):
    """The server failed (5xx), or reported an error in mid-stream."""

    retryable = True
    help = "Look at the server's own log, then ask again."


class LLMTimeout(LLMError):
    """The time for the question ran out."""

    help = "Raise FOOTNOTE_LLM_TIMEOUT_SECONDS, or use a faster model."


class LLMProtocolError(LLMError):
    """What came back is not the chat protocol: a web page, broken JSON, no choices, a rejected request."""

    help = "Check that FOOTNOTE_LLM_BASE_URL is an OpenAI-compatible address (mostly ending in /v1)."


class LLMContextTooLong(LLMError):
    """The prompt does not fit the model's context window."""

    help = "Set FOOTNOTE_LLM_CONTEXT_WINDOW to what the server really loads, or lower --limit."


class LLMCutShort(LLMError):
    """The reply stopped before its end. Everything that came had already been handed on."""

    help = "Ask again; if it recurs, look at the server's own log."
