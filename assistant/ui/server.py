"""Serves the chat: the gradio page inside a FastAPI app, guarded, run by uvicorn on loopback."""

import asyncio
import os
import socket
import threading
import warnings
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.answer import EXTRACTIVE
from assistant.ui.library import Answering, Library
from ingest.errors import FootnoteError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.ui.conversations import Conversations
    from ingest.settings import Settings

QUEUED_AT_MOST = 64
"""Events waiting at any moment; more are turned away with a line instead of piling up."""
MAX_UPLOAD = "50mb"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
_HERE = Path(__file__).parent
_PAGES = frozenset({"", "/corpus"})
_ASSETS = "/footnote-assets"
_ASSET_NAMES = ("page.css", "page.js")
_HEAD = f"""
<title>Footnote</title>
<link rel="stylesheet" href="{_ASSETS}/page.css">
<script src="{_ASSETS}/page.js"></script>
"""


class ServerError(FootnoteError):
    """The chat cannot be served at that address."""


def serve(settings: "Settings", *, host: str = "127.0.0.1", port: int = 7860) -> None:
    """Serve the chat over the index and the model that ``settings`` name, until interrupted. port 0 picks a free one.

    The assistant is opened in the background, so that the page is there at once and the first answer does not wait.
    """

    def opener() -> Answering:
        from assistant.api import Assistant

        return Assistant(settings)

    name = f"[{host}]" if ":" in host and host != "::" else host.lower()
    app = make_app(opener, settings=settings, hosts=_LOOPBACK | {name})
    threading.Thread(target=app.state.library.questions, name="warm-up", daemon=True).start()
    run(app, host=host, port=port)


def make_app(opener: Callable[[], Answering], *, settings: "Settings", hosts: frozenset[str] = _LOOPBACK) -> "FastAPI":
    """The whole web application. ``opener`` opens the assistant when it is first needed; ``hosts`` are its names.

    It is put together inside an event loop: outside one, gradio leaves a loop behind for every lock it makes.
    """
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(asyncio.run, _made_app(opener, settings, hosts)).result()


async def _made_app(opener: Callable[[], Answering], settings: "Settings", hosts: frozenset[str]) -> "FastAPI":
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by gradio when it is imported
    import gradio as gr
    from fastapi import FastAPI

    from assistant.ui.chat import Chat
    from assistant.ui.conversations import Conversations
    from assistant.ui.corpus_page import CorpusPage
    from assistant.ui.guard import Guard
    from assistant.ui.page import ChatPage
    from assistant.ui.shelf import Shelf

    library = Library(opener, index_dir=settings.index_dir, model=settings.llm_model or EXTRACTIVE)
    conversations = Conversations(settings.index_dir / "conversations.sqlite3")
    chat = Chat(library, conversations)
    with gr.Blocks(title="Footnote", analytics_enabled=False, fill_width=True) as page:
        ChatPage(chat).build()
    with page.route("Corpus", "/corpus"):
        CorpusPage(library, Shelf(settings)).build()
    page.queue(max_size=QUEUED_AT_MOST, api_open=False)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=_closing(library, conversations))
    app.state.library = library
    _serve_assets(app)
    _serve_exports(app, conversations)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "SSR mode is not supported")  # nor asked for
        served = _mounted(app, page)
    served.add_middleware(Guard, hosts=hosts, pages=_PAGES, head=_HEAD)
    return app


def _closing(
    library: Library, conversations: "Conversations"
) -> Callable[["FastAPI"], AbstractAsyncContextManager[None]]:
    """The life of the application: its files are closed at the end."""

    @asynccontextmanager
    async def life(app: "FastAPI") -> AsyncIterator[None]:
        yield
        conversations.close()
        library.close()

    return life


def _mounted(app: "FastAPI", page: Any) -> Any:
    """The application with gradio's page mounted, everything switched off that is not the page."""
    import gradio as gr

    from assistant.ui.theme import footnote_theme

    return gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=MAX_UPLOAD,
        mcp_server=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        theme=footnote_theme(),
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
    )


def _serve_assets(app: "FastAPI") -> None:
    from fastapi.responses import FileResponse

    def asset(path: Path) -> Callable[[], FileResponse]:
        return lambda: FileResponse(path, headers={"cache-control": "no-cache"})

    for name in _ASSET_NAMES:
        app.add_api_route(f"{_ASSETS}/{name}", asset(_HERE / name), response_class=FileResponse)


def _serve_exports(app: "FastAPI", conversations: "Conversations") -> None:
    from fastapi.responses import Response

    from assistant.ui.export import conversation_json, conversation_markdown
    from assistant.ui.screens import EXPORTS

    def export(chat_id: str, suffix: str) -> Response:
        title = conversations.title(chat_id)
        if title is None or suffix not in ("md", "json"):
            return Response("There is no such conversation.\n", status_code=404, media_type="text/plain")
        write = conversation_markdown if suffix == "md" else conversation_json
        kind = "text/markdown" if suffix == "md" else "application/json"
        attached = {"content-disposition": f'attachment; filename="footnote-{chat_id}.{suffix}"'}
        return Response(write(title, conversations.turns(chat_id)), media_type=kind, headers=attached)

    app.add_api_route(f"{EXPORTS}/{{chat_id}}.{{suffix}}", export)


def run(app: "FastAPI", *, host: str, port: int) -> None:
    """Say where the chat is, then serve until interrupted. Raises ServerError when the port cannot be had."""
    import uvicorn

    listening = _listen(host, port)
    name = f"[{host}]" if ":" in host else host
    print(f"Footnote is at http://{name}:{listening.getsockname()[1]} (Ctrl+C stops it)", flush=True)
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ServerError(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port") from error
    return listening
