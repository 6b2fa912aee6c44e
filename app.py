"""The chat with the settings in force: ``python app.py`` is ``footnote serve``."""

import sys

from assistant.ui.server import serve
from ingest.errors import FootnoteError
from ingest.settings import load_settings


def main() -> int:
    """Serve until interrupted; the exit status."""
    try:
        serve(load_settings())
    except FootnoteError as error:
        print(f"footnote: {error}", file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
