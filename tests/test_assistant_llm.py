"""The language model over real sockets: every fault is a typed error in time, and nothing that came is lost."""

import asyncio
import logging
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from llm_server import (
    ScriptedServer,
    Step,
    broken,
    chunk_of,
    cut,
    drips,
    hangs,
    hangs_before,
    html,
    in_one_piece,
    nobody_listening,
    raw,
    says,
    status,
    too_long,
)

from assistant.endpoint import base_url_of
from assistant.errors import (
    LLMContextTooLong,
    LLMCutShort,
    LLMError,
    LLMFailed,
    LLMNotFound,
    LLMProtocolError,
    LLMRateLimited,
    LLMRefused,
    LLMTimeout,
    LLMUnreachable,
)
from assistant.llm import Budget, Message, Outcome, open_model
from ingest.errors import SettingsError

QUESTION: list[Message] = [{"role": "user", "content": "How much memory?"}]
PATIENT_SECONDS = 10.0  # for faults that end by themselves, on a busy machine too
HASTY_SECONDS = 0.6  # for those that only the deadline ends
KEY = "sk-do-not-show-this"


def ask(server: ScriptedServer, seconds: float = PATIENT_SECONDS) -> tuple[str, LLMError | None, Outcome, float]:
    """What was written, how it failed, how it ended, and after how many seconds."""
    model = open_model("scripted", base_url=server.base_url, api_key=KEY, max_seconds=seconds)
    started = time.monotonic()
    text, failure = "", None
    with model.stream(QUESTION) as reply:
        try:
            for delta in reply:
                text += delta
        except LLMError as error:
            failure = error
    return text, failure, reply.outcome, time.monotonic() - started


FAULTS: dict[str, tuple[Step, type[LLMError], str, int]] = {
    "401": (status(401, f"Incorrect API key provided: {KEY}"), LLMRefused, "", 1),
    "403": (status(403), LLMRefused, "", 1),
    "404": (status(404, "The model `scripted` does not exist"), LLMNotFound, "", 1),
    "418": (status(418), LLMProtocolError, "", 1),
    "429 without Retry-After": (status(429), LLMRateLimited, "", 3),
    "429 with a long Retry-After": (status(429, retry_after="3600"), LLMRateLimited, "", 1),
    "429 with Retry-After 0": (status(429, retry_after="0"), LLMRateLimited, "", 3),
    "500": (status(500), LLMFailed, "", 3),
    "503 now": (status(503, retry_after="0"), LLMFailed, "", 3),
    "redirect": (Step(302, {"Location": "http://127.0.0.1:9/v1"}), LLMProtocolError, "", 1),
    "hang before the stream": (hangs_before(), LLMTimeout, "", 1),
    "hang in the stream": (hangs("Up to ", "144"), LLMTimeout, "Up to 144", 1),
    "cut": (cut("Up to ", "144"), LLMCutShort, "Up to 144", 1),
    "cut before the first word": (cut(), LLMCutShort, "", 1),
    "broken connection": (broken("Up to ", "144"), LLMCutShort, "Up to 144", 1),
    "malformed event": (raw(chunk_of({"content": "Up"}) + b"data: {oops\n\n"), LLMProtocolError, "Up", 1),
    "not an event stream": (raw("Hello there\n"), LLMProtocolError, "", 1),
    "error in the stream": (raw('data: {"error": {"message": "overloaded"}}\n\n'), LLMFailed, "", 1),
    "web page": (html(), LLMProtocolError, "", 1),
    "empty choices": (raw('data: {"choices": []}\n\ndata: [DONE]\n\n'), LLMProtocolError, "", 1),
    "empty choices in one piece": (raw('{"choices": []}', "application/json"), LLMProtocolError, "", 1),
    "wrong JSON": (raw('{"hello": "world"}', "application/json"), LLMProtocolError, "", 1),
    "wrong JSON in the stream": (raw('data: {"hello": 1}\n\n'), LLMProtocolError, "", 1),
    "a list": (raw("[1, 2]", "application/json"), LLMProtocolError, "", 1),
    "deep JSON": (raw("[" * 100_000, "application/json"), LLMProtocolError, "", 1),
    "choices of another kind": (raw('data: {"choices": [7]}\n\n'), LLMProtocolError, "", 1),
    "nothing said": (says(), LLMProtocolError, "", 1),
    "all thought, nothing said": (says(finish="length"), LLMCutShort, "", 1),
    "all thought, never ended": (says("<think>is it 128?"), LLMCutShort, "", 1),
    "line without end": (raw(b"data: " + b"x" * 1_100_000), LLMProtocolError, "", 1),
    "too long": (too_long(), LLMContextTooLong, "", 1),
    "too long, llama.cpp": (
        raw('{"error": {"type": "exceed_context_size_error", "message": "no"}}', "application/json", 400),
        LLMContextTooLong,
        "",
        1,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_its_own_error_in_time_and_loses_nothing(fault: str) -> None:
    step, kind, text, requests = FAULTS[fault]
    with ScriptedServer(step) as server:
        limit = HASTY_SECONDS if kind is LLMTimeout else PATIENT_SECONDS
        written, failure, outcome, seconds = ask(server, limit)
        assert (written, type(failure), len(server.bodies)) == (text, kind, requests)
    assert outcome.requests == requests
    assert seconds < limit + 1
    message = str(failure)
    assert "'scripted'" in message and server.base_url in message and "\n" not in message
    assert KEY not in message and KEY not in repr(failure)


def test_a_drip_ends_at_the_deadline_with_what_it_gave() -> None:
    with ScriptedServer(drips()) as server:
        written, failure, _, seconds = ask(server, HASTY_SECONDS)
        assert isinstance(failure, LLMTimeout) and set(written) == {"x"}
        assert seconds < HASTY_SECONDS + 1
        assert server.left.wait(1)


def test_a_refused_connection_is_unreachable() -> None:
    with nobody_listening() as address:
        model = open_model("scripted", base_url=address, max_seconds=3)
        with pytest.raises(LLMUnreachable) as caught:
            model.complete(QUESTION)
    assert caught.value.retryable and "FOOTNOTE_LLM_BASE_URL" in caught.value.help


def test_a_retry_that_helps_is_made_and_waits_as_told() -> None:
    with ScriptedServer(status(503), status(429, retry_after="0"), says("Up to 144 GB [1].")) as server:
        assert ask(server)[:2] == ("Up to 144 GB [1].", None)
        assert len(server.bodies) == 3


def test_a_question_makes_three_requests_at_most_whatever_they_are_for() -> None:
    with ScriptedServer(says("Rewritten?"), status(500, retry_after="0")) as server:
        model = open_model("scripted", base_url=server.base_url)
        budget = Budget(5)
        assert model.complete(QUESTION, budget=budget) == "Rewritten?"
        with pytest.raises(LLMFailed):
            model.complete(QUESTION, budget=budget)
        with pytest.raises(LLMFailed, match="used up"):
            model.complete(QUESTION, budget=budget)
        assert len(server.bodies) == 3


def test_closing_a_reply_closes_the_connection() -> None:
    with ScriptedServer(drips()) as server:
        reply = open_model("scripted", base_url=server.base_url).stream(QUESTION)
        assert next(reply) == "x"
        reply.close()
        assert server.left.wait(1)
        assert set(reply) <= {"x"}


def test_a_reply_can_be_closed_from_another_thread_while_it_waits() -> None:
    with ScriptedServer(hangs("Up to ")) as server:
        reply = open_model("scripted", base_url=server.base_url).stream(QUESTION)
        assert next(reply) == "Up to "
        asyncio.run(asyncio.to_thread(reply.close))
        assert list(reply) == []
        assert server.left.wait(1)


def test_async_twin_streams_and_closes() -> None:
    async def first(model_url: str) -> str:
        deltas = open_model("scripted", base_url=model_url).astream(QUESTION)
        try:
            return await anext(deltas)
        finally:
            await deltas.aclose()

    with ScriptedServer(hangs("Up to ")) as server:
        assert asyncio.run(first(server.base_url)) == "Up to "
        assert server.left.wait(1)


def test_sync_stream_works_inside_a_running_loop() -> None:
    async def inside(model_url: str) -> str:
        return open_model("scripted", base_url=model_url).complete(QUESTION)

    with ScriptedServer(says("Up to 144 GB.")) as server:
        assert asyncio.run(inside(server.base_url)) == "Up to 144 GB."


def test_what_is_sent() -> None:
    with ScriptedServer(says("ok")) as server:
        open_model("scripted", base_url=server.base_url, api_key=KEY, context_window=2000).complete(QUESTION)
        assert server.bodies == [
            {"model": "scripted", "messages": QUESTION, "stream": True, "temperature": 0, "max_tokens": 500}
        ]
        assert server.paths == ["/v1/chat/completions"]
        assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_half_characters_are_neither_sent_nor_taken() -> None:
    with ScriptedServer(
        raw('data: {"choices": [{"delta": {"content": "a\\ud800b"}, "finish_reason": "stop"}]}\n')
    ) as server:
        model = open_model("scripted", base_url=server.base_url)
        assert model.complete([{"role": "user", "content": "x\udcffy"}]) == "a?b"
        assert server.bodies[0]["messages"] == [{"role": "user", "content": "x?y"}]


def test_no_key_sends_no_authorization() -> None:
    with ScriptedServer(says("ok")) as server:
        open_model("scripted", base_url=server.base_url).complete(QUESTION)
        assert "Authorization" not in server.headers[0]


def test_a_parameter_the_server_does_not_take_is_left_out() -> None:
    script = [
        status(400, "Unsupported parameter: 'max_tokens' is not supported with this model."),
        status(400, "Unsupported value: 'temperature' does not support 0 with this model."),
        says("ok"),
    ]
    with ScriptedServer(*script) as server:
        assert ask(server)[:2] == ("ok", None)
        assert [sorted(set(body) - {"model", "messages", "stream"}) for body in server.bodies] == [
            ["max_tokens", "temperature"],
            ["temperature"],
            [],
        ]


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (says("Up to 144"), Outcome(False, "stop", 1)),
        (says("Up to 144", finish="length"), Outcome(True, "length", 1)),
        (says("Up to 144", finish="content_filter"), Outcome(True, "content_filter", 1)),
        (says("Up to 144", finish=None), Outcome(False, "", 1)),
        (says("Up to 144", done=False), Outcome(False, "stop", 1)),
        (in_one_piece("Up to 144"), Outcome(False, "stop", 1)),
        (in_one_piece("Up to 144", "length"), Outcome(True, "length", 1)),
        (raw(b": ping\r\n\r\nevent: x\r\n" + chunk_of({"content": "Up to 144"}, "stop")), Outcome(False, "stop", 1)),
        (says("<think>is it", " 128?</thi", "nk>\n\n", "Up to", " 144"), Outcome(False, "stop", 1)),
        (says("<think>\n</think>\n", "Up to 144"), Outcome(False, "stop", 1)),
        (says("<th", "ink></think>Up to 144"), Outcome(False, "stop", 1)),
    ],
)
def test_how_a_reply_ends(step: Step, outcome: Outcome) -> None:
    with ScriptedServer(step) as server:
        assert ask(server)[:3] == ("Up to 144", None, outcome)


@settings(max_examples=40)
@given(deltas=st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=5), cuts=st.data())
def test_any_cut_of_the_bytes_gives_the_same_text(deltas: list[str], cuts: st.DataObject) -> None:
    whole = b"".join(says(*deltas).chunks)
    at = cuts.draw(st.integers(0, len(whole)))
    text = "".join(deltas)
    assume(not text.lstrip().startswith("<think>"))
    with ScriptedServer(Step(headers={"Content-Type": "text/event-stream"}, chunks=[whole[:at], whole[at:]])) as server:
        assert ask(server)[:2] == (text, None)


def test_the_key_is_nowhere_to_be_read(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with ScriptedServer(status(401, f"bad key {KEY}")) as server:
        model = open_model("scripted", base_url=server.base_url, api_key=KEY)
        with pytest.raises(LLMRefused) as caught:
            model.complete(QUESTION)
    shown = [repr(model), repr(model.source), str(caught.value), caplog.text, repr(caught.value.__cause__)]
    assert not [text for text in shown if KEY in text]


@pytest.mark.parametrize("key", ["sk-two words", "sk-ü", "sk-a\x00b"])
def test_a_key_that_no_header_takes_is_refused_unseen(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        open_model("scripted", base_url="localhost:1", api_key=key)
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:11434/", "http://localhost:11434/v1"),
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        ("localhost:8080", "http://localhost:8080/v1"),
        ("0.0.0.0:8000/v1", "http://0.0.0.0:8000/v1"),
        ("llm.example.org", "https://llm.example.org/v1"),
        (" https://openrouter.ai/api/v1/chat/completions ", "https://openrouter.ai/api/v1"),
        ("https://example.org/v1beta/openai/", "https://example.org/v1beta/openai"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_base_url_in_every_form_people_write_it(written: str, address: str) -> None:
    assert base_url_of(written, has_key=False) == address
    assert base_url_of(address, has_key=False) == address


@pytest.mark.parametrize(
    "written", ["ftp://example.org", "http://", "http://a.example/v1?key=secret", "http://[::1", "localhost:x"]
)
def test_base_url_that_is_none(written: str) -> None:
    with pytest.raises(SettingsError, match="FOOTNOTE_LLM_BASE_URL"):
        base_url_of(written, has_key=False)


def test_base_url_with_a_password_is_refused_unseen() -> None:
    with pytest.raises(SettingsError) as caught:
        base_url_of("https://user:hidden@example.org/v1", has_key=False)
    assert "hidden" not in str(caught.value)


def test_without_a_base_url_only_a_key_says_which_server() -> None:
    assert base_url_of(None, has_key=True) == "https://api.openai.com/v1"
    with pytest.raises(SettingsError):
        base_url_of("", has_key=False)
