"""What a site's robots.txt allows, read by our own client under the same limits as everything else (RFC 9309).

Place in the flow: fetch -> **Robots** -> may this address be fetched, and how long to wait between two requests.
"""

from collections.abc import Callable
from urllib.robotparser import RobotFileParser

from ingest.errors import FetchError
from ingest.pinned import Deadline

_MAX_DELAY_SECONDS = 10.0


class Robots:
    """The rules of each site, asked for once.

    fetch: the status and body of an address, redirects followed. Raises FetchError when it cannot be reached.
    agent: the product name that rules may be written for.
    """

    def __init__(self, fetch: Callable[[str, Deadline], tuple[int, bytes]], *, agent: str) -> None:
        """No site is known at first."""
        self._fetch = fetch
        self._agent = agent
        self._sites: dict[str, RobotFileParser] = {}

    def check(self, origin: str, address: str, deadline: Deadline) -> float:
        """Seconds the site wants between two requests, 0 when it does not say, never more than 10.

        origin: scheme, host and port of the address. Raises FetchError when the site does not allow the address.
        """
        if origin not in self._sites:
            self._sites[origin] = self._read(f"{origin}/robots.txt", deadline)
        rules = self._sites[origin]
        try:
            allowed = rules.can_fetch(self._agent, address)
        except ValueError as error:
            raise FetchError(f"address {address!r} cannot be read ({error}); check it") from error
        if not allowed:
            raise FetchError(f"{origin}/robots.txt does not allow {address!r} to be fetched; save the page by hand")
        delay = rules.crawl_delay(self._agent)
        return float(min(delay or 0, _MAX_DELAY_SECONDS))

    def _read(self, address: str, deadline: Deadline) -> RobotFileParser:
        """The rules at an address: none when there is no such file, and none may be guessed when the site fails."""
        status, body = self._fetch(address, deadline)
        if status >= 500 or status == 429:
            raise FetchError(
                f"{address} answers with status {status}, so nothing is fetched there; try again later", retryable=True
            )
        rules = RobotFileParser()
        try:
            rules.parse(body.decode("utf-8-sig", "replace").splitlines() if status == 200 else [])
        except ValueError as error:
            raise FetchError(f"{address} cannot be read ({error}); save the page by hand") from error
        return rules
