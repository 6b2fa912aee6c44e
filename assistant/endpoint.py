"""Where a model's server is and with which key: the settings as people write them, made sure. Nothing is sent here."""

from urllib.parse import urlsplit, urlunsplit

from ingest.errors import SettingsError

OPENAI_URL = "https://api.openai.com/v1"
LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # as users type them


def base_url_of(base_url: str | None, *, has_key: bool) -> str:
    """The address before ``/chat/completions``: scheme added, ``/v1`` added to a bare host, no trailing slash.

    Without a scheme, this machine is spoken to with http and every other with https. Raises SettingsError.
    """
    if not base_url or not base_url.strip():
        if has_key:
            return OPENAI_URL
        raise SettingsError("FOOTNOTE_LLM_MODEL is set, but neither FOOTNOTE_LLM_BASE_URL nor a key: which server?")
    text = base_url.strip()
    try:
        if "://" not in text:
            host = urlsplit(f"//{text}").hostname or ""
            text = f"{'http' if host in LOOPBACK else 'https'}://{text}"
        parts = urlsplit(text)
        fits = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
        _ = parts.port
    except ValueError as error:
        raise SettingsError(f"FOOTNOTE_LLM_BASE_URL is not an address: {error}") from error
    if "@" in parts.netloc:
        raise SettingsError("FOOTNOTE_LLM_BASE_URL holds a user name or password; set FOOTNOTE_LLM_API_KEY instead")
    if not fits:
        raise SettingsError("FOOTNOTE_LLM_BASE_URL is not an address such as http://localhost:11434/v1")
    path = parts.path.rstrip("/").removesuffix("/chat/completions").rstrip("/")
    return urlunsplit((parts.scheme, parts.netloc, path or "/v1", "", ""))


def checked_key(api_key: str | None) -> str | None:
    """The key trimmed; None where there is none. Raises SettingsError, without showing it, for what no header takes."""
    key = (api_key or "").strip()
    if not key:
        return None
    if not key.isascii() or not key.isprintable() or " " in key:
        raise SettingsError("FOOTNOTE_LLM_API_KEY holds characters that no key has; paste it again")
    return key
