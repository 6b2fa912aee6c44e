"""The signs by which a line of text shows that it belongs to the page and not to the article. Pure functions.

Place in the flow: text and HTML readers -> **furniture** -> the article's own lines. The signs are kinds of lines that
pages of all sites share (a label that points at other stories, a call to subscribe, the credit of a picture), told by
their form first and by words of the trade second; none is a phrase of one site. A sentence that only mentions such a
thing ("Photos by amateurs contributed to the find.") is no furniture: the tests hold a list of those.
"""

import re

from ingest.clean import ends_sentence

MAX_CHARS = 600  # of a line of furniture: longer text is the article's
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_WORD = re.compile(r"\w+")

# Labels that point at other stories, in the languages of the pages most met.
_RELATED = "|".join(
    (
        r"relate[ds](?: \w+){0,2}|(?:further|keep) reading|also read|see (?:also|more)|explore further",
        r"read (?:more|also|next|on|this|the full story|original)(?: \w+){0,2}",
        r"more (?:on|from|about|in|stories|news|articles|coverage|to read)(?: [\w’'&.-]+){0,5}",
        r"(?:most|popular|latest|top|trending) (?:read|popular|viewed|shared|posts|stories|articles|news"
        r"|now)(?: \w+){0,2}",
        r"don['’]t miss(?: \w+)?|up next|(?:next|previous) (?:article|story|post|up)|what to read next|trending",
        r"(?:you )?(?:may|might) (?:also )?(?:like|enjoy|be interested in)(?: \w+)?",
        r"recommended(?: (?:for you|stories|reading|articles|videos?))?|editor['’]s picks?",
        r"from (?:our|the) (?:partners|archives?|web)|sponsored(?: \w+)?|advertisement",
        r"watch(?: (?:now|more|also|next|live|the video|this))?|listen(?: now| to this article)?|in (?:pictures"
        r"|photos)",
        r"leia (?:também|mais)|veja (?:também|mais)|você pode gostar|saiba mais|ver también|te puede interesar",
        r"leer? (?:también|más)|más (?:información|noticias)|leggi anche|(?:à )?lire aussi|voir aussi",
        r"lesen sie (?:auch|hier)|mehr zum thema|das könnte sie (?:auch )?interessieren|lees ook|läs också",
        r"関連記事|あわせて読みたい|相关阅读|相关文章|延伸阅读|관련 ?기사",
    )
)
_RELATED_LABEL = re.compile(rf"\W*(?:{_RELATED})\W*", re.IGNORECASE)
_RELATED_START = re.compile(rf"\W*(?:{_RELATED})(?:\s*[:：|>»]|\s+[–—-]\s)", re.IGNORECASE)

# What a call to the reader begins with, what it asks for, and where it leads.
_CALL_START = re.compile(
    r"\W*(?:(?:subscribe|sign[- ]up|log ?in|register|follow|like us|join (?:us|our|the|more)|share (?:this|on|via"
    r"|your|it)"
    r"|tweet|e-?mail|click|tap here|download|get|stay (?:up|tuned|informed|connected)|support (?:us|our|independent)"
    r"|donate"
    r"|(?:leave|post|write|add) (?:a|your) (?:comment|reply)|tell us|let us know|got a (?:tip|story)"
    r"|have (?:a|any) (?:tip|story|question|comment)s?|contact (?:us|the (?:author|reporter))|want (?:more|to)"
    r"|start your"
    r"|enjoy(?:ed|ing)? (?:this|our)|visit|view (?:comments|all|gallery|the)|show (?:more|comments)|load more"
    r"|print (?:this|article)|all rights reserved|copyright|assine|siga|compartilhe|comente|inscreva-se|abonn\w+"
    r"|folgen sie|teilen|suscr[ií]b\w+|s[ií]gue\w*|comparte|partager|suivez|iscriviti|segui\w*)\b|©)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"newsletters?|subscri\w+|sign(?:ing)?[- ]up|\binbox|mailing list|follow (?:us|him|her|them|me|@)|click here"
    r"|promo code"
    r"|use the code|our (?:app|podcast|channel|site|website)|news app|podcasts?\b|free trial|terms (?:of|and) \w+"
    r"|privacy policy|cookies?\b|all rights reserved|©|\(c\) \d{4}|copyright|e-?mail|\bcomments?\b|on (?:twitter"
    r"|facebook"
    r"|instagram|linkedin|bluesky|mastodon|threads|whatsapp|telegram|x)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(r"(?<!\w)@\w{3,}|https?://|www\.|[\w.+-]+@[\w-]+\.\w+", re.IGNORECASE)
_TO_READER = re.compile(r"\b(?:you|your|us|our|me|my)\b", re.IGNORECASE)
_MAX_CALL_WORDS = 70
_REPORTING_CREDIT = re.compile(
    r"\W*(?:(?i:(?:additional )?(?:reporting|writing|editing|compiled|translation|translated"
    r"|graphics?) by) [A-Z].{1,300}"
    r"|.{2,160}\b(?:contributed (?:reporting|to this (?:report|story|article|post))|also contributed\W*$)\b.{0,40}"
    r"|(?i:source|quelle|fonte|fuente|via)\s*:.{2,80}|.{0,60}\b(?:can|may) be reached (?:at|on|via)\b.{2,160})"
)

# The credit of a picture: "(Image: name)", "Photo: name", or names around a slash after the end of a sentence.
_PHOTO = (
    r"(?:image|photo(?:graph)?(?:s|y)?|picture|pic|foto(?:s|grafie)?|bild|imagem|illustration|credit|crédito|[©ⓒ]"
    r"|\(c\))"
)
_CREDIT_START = re.compile(
    rf"\W*(?:[©ⓒ]\s?\S|{_PHOTO}s?(?: credit| by| courtesy(?: of)?)?\s*[:：]|{_PHOTO} (?:credit|courtesy)\b)", re.I
)
_CREDIT_END = re.compile(
    rf"(?:[\[(]\s*{_PHOTO}(?: credit| by| courtesy)?[^()\[\]]{{1,80}}[\])]|\b{_PHOTO}(?: credit"
    rf"| by)?\s*[:/|]\s*[^.:]{{2,60}}|\b{_PHOTO}\s*©[^.:]{{2,60}})\W*$",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w.’'&-]*(?: [A-Z][\w.’'&-]*){0,4}"
_CREDIT_SLASH = re.compile(rf"(?:^|[.!?…\"”’]\s+)[(\[]?{_NAME}(?:\s?/\s?{_NAME})+(?: via {_NAME})?[)\]]?$")
_CREDIT_CHARS = 140  # from the end: where a credit can begin
_MAX_CAPTION_WORDS = 60

# Words on buttons and in menus. A line made of them says nothing.
_LABELS = frozenset(
    """about account ad ads advertise advertisement all app apps archive archives article articles arts ask author
    authors back blog blogs bookmark books breaking business calendar careers categories category close comment
    comments community contact content cookie cookies copied copy culture data deals digital donate download
    economy edition education email entertainment environment events explore facebook faq fashion feed feedback
    finance follow food forum forums gallery games go health help home in instagram jobs latest legal less library
    life lifestyle like link linkedin listen live local log login main market markets media members menu money
    more most movies music my national navigation new news newsletter newsletters newest next offers on open
    opinion original our page pages partners photos pinterest podcast podcasts policy politics popular post posts
    premium preferences press previous print privacy products profile projects read reader reddit register related
    replies reply report reviews rss save saved science search section sections see services settings share shop
    show sign site sitemap skip sport sports stories story store style subscribe subscription support tag tags
    tech technology telegram terms the threads to toggle tools top topics travel trending tv tweet twitter up us
    use video videos view views watch weather whatsapp world x you youtube your""".split()
)
_BUTTONS = frozenset(
    """bookmark close copy email facebook follow in link linkedin log login menu pinterest print reddit reply rss save
    share sign skip subscribe tags telegram tweet twitter up whatsapp""".split()
)
_LITTLE = frozenset("a an and as at by for from of on or the to with".split())
_LABEL_BREAKS = re.compile(r"\s+[|·•/>»–—]\s+|\s*[|·•»]\s*|\t+|\s{3,}")
_COMMENTS = re.compile(
    r"\W*(?:\d*\s*(?:comments?|replies|responses|kommentare|commentaires|comentarios|comentários"
    r"|commenti)\s*(?:\(?\d*\)?)"
    r"|(?:leave|post|write|add) a (?:comment|reply)|join the (?:conversation|discussion))\W*",
    re.IGNORECASE,
)
_ARROW = re.compile(r"^\W*[←→↑↓‹›«»◀▶▲▼⟵⟶➜➔<>|·•]\s*\S|\S\s*[→›»▶▼➜➔]\W*$")
_CUT_OFF = re.compile(
    r"(?:\[?(?:\.{3}|…)\]?\W*\b(?:continue|keep|read|click|see|view|show|load|weiter|lire|leer|continua|lees|mehr|más"
    r"|full"
    r"|the)\b.{0,60}|\W*(?:continue|keep) reading\b.{0,60}|\W*read (?:more|on|the (?:full|rest|whole|complete"
    r"|original))\b.{0,60}"
    r"|\W*(?:please )?(?:subscribe|log ?in|sign[- ](?:in|up)|register)\b.{0,30}\b(?:to (?:continue|keep|read|see"
    r"|unlock)"
    r"|for (?:full|unlimited))\b.{0,60}|\W*weiterlesen\b.{0,40}|\W*lire la suite\b.{0,40}"
    r"|\W*(?:seguir|continuar) leyendo\b.{0,40}|\W*continua a leggere\b.{0,40}|\W*阅读(?:全文|更多)|\W*続きを読む)\W*",
    re.IGNORECASE,
)


def count_words(text: str) -> int:
    """The words of a text; a character of Chinese, Japanese or Korean counts as half a word."""
    if text.isascii() or not (wide := len(_WIDE.findall(text))):
        return len(text.split())
    return len(_WIDE.sub(" ", text).split()) + (wide + 1) // 2


def is_related_label(text: str) -> bool:
    """Whether the line is nothing but a label over other stories: ``You may also like``."""
    return len(text) <= 80 and _RELATED_LABEL.fullmatch(text) is not None


def is_related_line(text: str) -> bool:
    """Whether the line points at another story: ``Read more: A new chip is here``."""
    if len(text) > MAX_CHARS or count_words(text) > 30:
        return False
    return _RELATED_START.match(text) is not None or is_related_label(text)


def is_call(text: str) -> bool:
    """Whether the line asks the reader for something: to subscribe, follow, share, comment, download."""
    words = count_words(text) if len(text) <= MAX_CHARS else MAX_CHARS
    if words > _MAX_CALL_WORDS:
        return False
    asks, leads = {match.lower() for match in _ASKS.findall(text)}, _LEADS.search(text)
    if _CALL_START.match(text):
        return bool(asks or leads) or (words <= 6 and not ends_sentence(text))
    return bool(asks and leads) or (len(asks) >= 2 and _TO_READER.search(text) is not None)


def is_reporting_credit(text: str) -> bool:
    """Whether the line only says who reported, edited or translated the story."""
    return len(text) <= MAX_CHARS and _REPORTING_CREDIT.fullmatch(text.strip()) is not None


def is_caption(text: str) -> bool:
    """Whether the line is the caption of a picture, told by the credit at its start or end."""
    if len(text) > MAX_CHARS or count_words(text) > _MAX_CAPTION_WORDS:
        return False
    end = text[-_CREDIT_CHARS:]
    return any((_CREDIT_START.match(text), _CREDIT_SLASH.search(end), _CREDIT_END.search(end)))


def is_arrow_link(text: str) -> bool:
    """Whether the line is a link of the page's navigation, told by its arrow."""
    return len(text) <= 100 and count_words(text) <= 8 and _ARROW.search(text) is not None


def is_label_run(text: str) -> bool:
    """Whether the line is a row of the page's links and buttons: ``Home News Sport``, ``Share · Save · Print``."""
    words = [word.lower() for word in _WORD.findall(text)] if len(text) <= MAX_CHARS // 2 else []
    if ends_sentence(text) or not 0 < len(words) <= 25:
        return False
    if len(words) <= 2:  # "Technology" may head a section; "Share" and "Log in" are buttons wherever they stand
        return all(word in _BUTTONS for word in words)
    # Little words tie headlines together too: they say nothing either way.
    telling = [word for word in words if word not in _LITTLE] or words
    labels = sum(word in _LABELS for word in telling)
    parts = [part for part in _LABEL_BREAKS.split(text) if part.strip()]
    separated = len(parts) >= 3 and all(count_words(part) <= 3 for part in parts) and not any(map(str.isdigit, text))
    return labels >= (0.34 if separated else 0.75) * len(telling)


def is_comments_label(text: str) -> bool:
    """Whether the line opens the readers' comments."""
    return len(text) <= 60 and _COMMENTS.fullmatch(text) is not None


def is_cut_off(text: str) -> bool:
    """Whether the line says that the article goes on elsewhere: ``... continue reading``."""
    return len(text) <= 160 and _CUT_OFF.fullmatch(text) is not None
