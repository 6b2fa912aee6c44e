"""``python -m ingest``: the re-index command without the rest of the house."""

from ingest.command import main

if __name__ == "__main__":
    main()
