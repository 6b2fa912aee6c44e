"""Footnote as llama-index knows it: a retriever and a query engine over an `Assistant`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.response.schema import RESPONSE_TYPE, Response
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from assistant.answer import Evidence
from assistant.document import answer_document

if TYPE_CHECKING:
    from assistant.api import Assistant


class FootnoteRetriever(BaseRetriever):  # type: ignore[misc]
    """Evidence as scored nodes, best first."""

    def __init__(self, assistant: "Assistant", options: Mapping[str, Any]) -> None:
        """options: those of `Assistant.search`."""
        super().__init__()
        self._assistant = assistant
        self._options = options

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._assistant.search(query_bundle.query_str, **self._options)
        return [_node(evidence) for evidence in found.evidence]


class FootnoteQueryEngine(BaseQueryEngine):  # type: ignore[misc]
    """Answers as llama-index responses: text with markers, evidence as source nodes, the document as metadata."""

    def __init__(self, assistant: "Assistant", options: Mapping[str, Any]) -> None:
        """options: those of `Assistant.ask`."""
        super().__init__(callback_manager=CallbackManager([]))
        self._assistant = assistant
        self._options = options

    def _query(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        answer = self._assistant.ask(query_bundle.query_str, **self._options)
        nodes = [_node(evidence) for evidence in answer.evidence]
        return Response(answer.text, source_nodes=nodes, metadata=answer_document(answer))

    async def _aquery(self, query_bundle: QueryBundle) -> RESPONSE_TYPE:
        answer = await self._assistant.aask(query_bundle.query_str, **self._options)
        nodes = [_node(evidence) for evidence in answer.evidence]
        return Response(answer.text, source_nodes=nodes, metadata=answer_document(answer))

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}


def _node(evidence: Evidence) -> NodeWithScore:
    passage, article = evidence.passage, evidence.article
    node = TextNode(
        id_=f"{passage.article_id}:{passage.ordinal}",
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={
            "title": article.title,
            "source": article.source,
            "published": article.published.value if article.published else None,
            "url": article.url,
            "path": article.path,
        },
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=article.id)},
    )
    return NodeWithScore(node=node, score=evidence.score)
