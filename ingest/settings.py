"""Every setting, read once at the edges: defaults < footnote.toml < .env < environment (FOOTNOTE_*) < flags."""

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ingest.chroma_wire import ChromaServer
from ingest.errors import SettingsError

TOML_FILE = Path("footnote.toml")
_SECRET = ("chroma_url", "llm_api_key")  # never shown, not even when they are wrong


class Settings(BaseSettings):
    """Frozen settings. Each field is also an environment variable: ``corpus`` is ``FOOTNOTE_CORPUS``."""

    model_config = SettingsConfigDict(
        env_prefix="FOOTNOTE_",
        env_file=".env",
        toml_file=TOML_FILE,
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,
    )

    corpus: Path = Field(Path("corpus"), description="The folder of articles.")
    index_dir: Path = Field(Path(".footnote"), description="Where the index is kept.")
    embedding_model: str = Field(
        "all-MiniLM-L6-v2", description="A sentence-transformers model: a hub name or a folder."
    )
    max_file_mb: float = Field(
        50.0, gt=0, description="A larger file, or line of a .jsonl file, is reported and not read."
    )
    chroma_url: SecretStr = Field(
        SecretStr(""), description="A Chroma server that holds the vectors; empty keeps them in the index folder."
    )
    reranker: str = Field("", description="A sentence-transformers CrossEncoder for a last look at the top passages.")
    llm_model: str = Field("", description="The chat model that writes answers; empty for extractive answers.")
    llm_base_url: str = Field("", description="An OpenAI-compatible server, such as http://127.0.0.1:11434/v1.")
    llm_api_key: SecretStr = Field(SecretStr(""), description="Its key, where it wants one.")
    llm_context_window: int | None = Field(
        None, ge=512, description="Tokens the chat model reads, prompt and reply together."
    )
    llm_timeout_seconds: float = Field(60.0, gt=0, description="The longest one answer may take, retries included.")

    @field_validator("chroma_url")
    @classmethod
    def _check_chroma_url(cls, url: SecretStr) -> SecretStr:
        if text := url.get_secret_value().strip():
            try:
                ChromaServer.of(text)
            except ValueError as error:
                raise PydanticCustomError("chroma_url", "{reason}", {"reason": str(error)}) from None
        return SecretStr(text)

    @property
    def chroma_server(self) -> ChromaServer | None:
        """The server of ``chroma_url``; None when the vectors are to be in the index folder."""
        url = self.chroma_url.get_secret_value()
        return ChromaServer.of(url) if url else None

    @property
    def max_file_bytes(self) -> int:
        """``max_file_mb`` in bytes."""
        return int(self.max_file_mb * 1024 * 1024)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags first, the file of defaults last."""
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**flags: Any) -> Settings:
    """The settings in force; a flag that is None was not given.

    Raises:
        SettingsError: a value does not fit, or footnote.toml is broken or holds an unknown key.
    """
    _check_toml(TOML_FILE)
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        found = "" if name in _SECRET else f", found {first['input']!r}"
        raise SettingsError(
            f"setting {name!r}: {first['msg']}{found}; mend it in footnote.toml, .env or FOOTNOTE_{name.upper()}"
        ) from None
    return _with_openai_fallbacks(settings)


def _with_openai_fallbacks(settings: Settings) -> Settings:
    """The same settings with the variables other tools use, where ours name a model but no server or key."""
    if not settings.llm_model:
        return settings
    filled: dict[str, Any] = {}
    if not settings.llm_base_url:
        filled["llm_base_url"] = os.environ.get("OPENAI_BASE_URL") or os.environ.get("OPENAI_API_BASE") or ""
    if not settings.llm_api_key.get_secret_value():
        filled["llm_api_key"] = SecretStr(os.environ.get("OPENAI_API_KEY", ""))
    return settings.model_copy(update=filled)


def _check_toml(path: Path) -> None:
    if not path.is_file():
        return
    try:
        keys = tomllib.loads(path.read_text(encoding="utf-8")).keys()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{str(path)!r} is not valid TOML: {error}; mend that line") from None
    unknown = sorted(set(keys) - set(Settings.model_fields))
    if unknown:
        raise SettingsError(
            f"{str(path)!r} sets {unknown[0]!r}, which is no setting; known are {', '.join(Settings.model_fields)}"
        )
