"""Citations as an answer grows: numbered in the order of first use, each an exact stretch of an article."""

from assistant.answer import Citation, Evidence


class Footnotes:
    """The footnotes of one answer. The same stretch of an article keeps the number it has."""

    def __init__(self) -> None:
        """No footnote yet."""
        self._by_place: dict[tuple[str, int, int], Citation] = {}

    def cite(self, found: Evidence, start: int, end: int) -> Citation:
        """The footnote for ``found.article.text[start:end]``, made when it is used for the first time."""
        place = (found.article.id, start, end)
        if place not in self._by_place:
            self._by_place[place] = Citation(
                number=len(self._by_place) + 1,
                article=found.article,
                passage=found.passage,
                quote=found.article.text[start:end],
                start=start,
                end=end,
            )
        return self._by_place[place]

    def all(self) -> tuple[Citation, ...]:
        """Every footnote so far, by number."""
        return tuple(self._by_place.values())
