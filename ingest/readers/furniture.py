"""The signs by which a line of text shows that it belongs to the page and not to the article. Pure functions.

Place in the flow: text and HTML readers -> **furniture** -> the article's own lines. The signs are kinds of lines that pages of
all sites share (a label that points at other stories, a call to subscribe, the credit of a picture), told by their
form first and by words of the trade second; none is a phrase of one site.
"""

import re

from ingest.clean import ends_sentence

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]|[^\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]+")

# Labels that point at other stories, in the languages of the pages most met.
_RELATED = (
    r"relate[ds](?: \w+){0,2}|read (?:more|also|next|on|this|the full story|original)(?: \w+){0,2}|also read|see (?:also|more)|"
    r"more (?:on|from|about|in|stories|news|articles|coverage|to read)(?: [\w’'&.-]+){0,5}|most (?:read|popular|viewed|shared)(?: \w+){0,3}|"
    r"don['’]t miss(?: \w+)?|(?:you )?(?:may|might) (?:also )?(?:like|be interested in|enjoy)(?: \w+)?|you (?:may|might) also like|"
    r"recommended(?: (?:for you|stories|reading|articles|videos?))?|up next|next (?:article|story|post|up)|previous (?:article|story|post)|"
    r"trending(?: \w+){0,2}|popular (?:posts|stories|articles|now)|latest (?:news|stories|posts|articles)|top stories|"
    r"watch(?: (?:now|more|also|next|live|the video|this))?|listen(?: (?:now|to this article))?|in (?:pictures|photos)|explore further|further reading|keep reading|"
    r"editor['’]s picks?|what to read next|from (?:our|the) (?:partners|archives?|web)|sponsored(?: \w+)?|advertisement|ad|"
    r"leia (?:também|mais)|veja (?:também|mais)|você pode gostar|saiba mais|"
    r"lesen sie (?:auch|hier)|mehr zum thema|das könnte sie (?:auch )?interessieren|lire aussi|à lire aussi|voir aussi|"
    r"leer? (?:también|más)|ver también|te puede interesar|más (?:información|noticias)|leggi anche|lees ook|läs också|"
    r"関連記事|あわせて読みたい|相关阅读|相关文章|延伸阅读|관련 ?기사"
)
_RELATED_LABEL = re.compile(rf"\W*(?:{_RELATED})\W*", re.IGNORECASE)
_RELATED_START = re.compile(rf"\W*(?:{_RELATED})\s*[:：|>»–—-]", re.IGNORECASE)

# Calls to do something with the site. Each stands at the start of a line: "Follow us" is furniture, "They follow us" is not.
_CALL_START = re.compile(
    r"\W*(?:subscribe|sign[- ]up|log ?in|register|follow|like us|join (?:us|our|the|more)|share (?:this|on|via|your|it)|tweet|email|e-mail|"
    r"click|tap here|download|get (?:the|our|your|access|more|all|unlimited|[A-Z]\w+)|stay (?:up|tuned|informed|connected)|support (?:us|our|independent)|donate|"
    r"(?:leave|post|write|add) (?:a|your) (?:comment|reply)|tell us|let us know|have (?:a|any) (?:tip|story|question|comment)s?|got a (?:tip|story)|contact (?:us|the (?:author|reporter))|"
    r"want (?:more|to)|enjoy(?:ed|ing)? (?:this|our)|start your|visit|view (?:comments|all|gallery|the)|show (?:more|comments)|load more|print (?:this|article)|"
    r"this (?:article|story|post|piece) (?:was |is )?(?:originally|first)|republished|copyright|all rights reserved|©|"
    r"assine|siga|compartilhe|comente|inscreva|abonn|folgen sie|teilen|suscr[ií]b|s[ií]gue|comparte|partager|suivez|iscriviti|segui)",
    re.IGNORECASE,
)
_SITE_WORDS = re.compile(
    r"newsletters?|subscri\w+|sign(?:ing)?[- ]up|inbox|mailing list|follow (?:us|him|her|them|me|@)|on (?:twitter|facebook|instagram|linkedin|bluesky|mastodon|threads|x)\b|"
    r"@\w{3,}|click here|promo code|use the code|our (?:app|podcast|channel|site|website)|news app|podcasts?\b|free trial|"
    r"terms (?:of|and) \w+|privacy policy|cookies?\b|all rights reserved|©|\(c\) \d{4}|copyright|https?://|www\.|e-?mail|[\w.+-]+@[\w-]+\.\w+|comments?\b|"
    r"moderador|comentários|whatsapp|telegram|rss",
    re.IGNORECASE,
)
_REPORTING_CREDIT = re.compile(
    r"\W*(?:(?:additional |with )?(?:reporting|writing|editing|compiled|translation|translated|graphics?|photos?|research) (?:by|from)\b.{2,300}|"
    r".{2,160}\b(?:contributed (?:to|reporting)|also contributed)\b.{0,80}|(?:source|quelle|fonte|fuente|via)\s*:.{2,80}|"
    r".{0,60}\b(?:can|may) be reached (?:at|on|via)\b.{2,160})",
    re.IGNORECASE,
)  # fmt: skip

# The credit that ends a caption: an agency after a slash, "Photo: name", a name in brackets with a slash.
_PHOTO_WORD = (
    r"(?:image|photo(?:graph)?(?:s|y)?|picture|pic|foto(?:s|grafie)?|bild|imagem|illustration|credit|crédito|©|\(c\))"
)
_CREDIT_CHARS = 140
_CREDIT_END = re.compile(
    rf"(?:[\[(]\s*{_PHOTO_WORD}(?: credit| by| courtesy)?[^()\[\]]{{1,80}}[\])]|"
    r"\((?:[A-Z][\w.& -]{1,40}/)+\s?[A-Z][\w.& -]{1,40}(?: via [^()]{2,40})?\)|"
    rf"\b{_PHOTO_WORD}(?: credit| by)?\s*[:/|]\s*[^.:]{{2,60}})\W*$",
    re.IGNORECASE,
)
# "... computing power. VCG/Getty Images": names on both sides of a slash after the end of a sentence, or alone.
_NAME = r"[A-Z][\w.’'&-]*(?: [A-Z][\w.’'&-]*){0,4}"
_CREDIT_SLASH = re.compile(rf"(?:^|[.!?…\"”’)]\s+|[(\[]\s*){_NAME}\s?/\s?{_NAME}(?: via {_NAME})?\s*[)\]]?$")
_CREDIT_START = re.compile(
    rf"\W*(?:©\s?\S|{_PHOTO_WORD}(?:s)?(?: credit| by| courtesy(?: of)?)?\s*[:：]|(?:image|photo|picture) (?:credit|courtesy|by)\b)",
    re.IGNORECASE,
)

_ARROW = re.compile(r"^\W*[←→↑↓‹›«»◀▶▲▼⟵⟶➜➔<>|·•]\s*\S|\S\s*[→›»▶▼➜➔]\W*$")
_CUT_OFF = re.compile(
    r"(?:\[?(?:\.{3}|…)\]?\s*(?:\W*\b(?:continue|keep|read|click|see|view|show|load|weiter|lire|leer|continua|lees|mehr|más|full|the)\b.{0,60})"
    r"|\W*(?:continue|keep) reading\b.{0,60}|\W*read (?:more|on|the (?:full|rest|whole|complete|original))\b.{0,60}"
    r"|.{0,40}\b(?:subscribe|log ?in|sign[- ](?:in|up)|register)\b.{0,30}\b(?:to (?:continue|keep|read|see|unlock)|for (?:full|unlimited))\b.{0,60}"
    r"|\W*weiterlesen\b.{0,40}|\W*lire la suite\b.{0,40}|\W*(?:seguir|continuar) leyendo\b.{0,40}|\W*continua a leggere\b.{0,40}|\W*阅读(?:全文|更多)|\W*続きを読む)\W*",
    re.IGNORECASE,
)


# Words on buttons and in menus. A line made of them says nothing.
_LABELS = frozenset(
    "about account ad ads advertise advertisement all app apps archive archives article articles arts ask author authors back blog blogs "
    "bookmark books breaking business calendar careers categories category close comment comments community contact cookie cookies copy copied "
    "culture data deals digital donate download economy edition education email entertainment environment events explore facebook faq feed feedback "
    "fashion finance follow food forum forums gallery games go health help home instagram jobs latest legal less library life lifestyle like link "
    "linkedin listen live local login log in main markets media members menu money more most movies music my national navigation new news "
    "newsletter newsletters newest next offers on open opinion original our page pages partners photos pinterest podcast podcasts policy politics popular posts post "
    "premium preferences press previous print privacy products profile projects read reader reddit register related replies reply report reviews "
    "rss save saved science search section sections see services settings share shop show sign site sitemap skip content to stories story "
    "store style subscribe subscription support tag tags tech technology telegram terms the threads tools top topics toggle travel trending tv tweet twitter up us "
    "use video videos view views watch weather whatsapp world x you youtube your".split()
)  # fmt: skip
_LABEL_BREAKS = re.compile(r"\s+[|·•/>»–—]\s+|\s*[|·•»]\s*|\t+|\s{3,}")
_COMMENTS = re.compile(
    r"\W*(?:\d*\s*(?:comments?|replies|responses|kommentare|commentaires|comentarios|comentários|commenti)(?:\s*\(?\d*\)?)?|(?:leave|post|write|add) a (?:comment|reply)|"
    r"join the (?:conversation|discussion)|(?:reader )?(?:comments|discussion) \w{0,12})\W*",
    re.IGNORECASE,
)


def count_words(text: str) -> int:
    """The words of a text; a character of Chinese, Japanese or Korean counts as half a word."""
    found = _WORD.findall(text)
    wide = sum(len(word) == 1 and word >= "\u3040" for word in found)
    return len(found) - wide + (wide + 1) // 2


def is_related_label(text: str) -> bool:
    """Whether the line is nothing but a label over other stories: ``You may also like``."""
    return len(text) <= 80 and _RELATED_LABEL.fullmatch(text) is not None


def is_related_line(text: str) -> bool:
    """Whether the line points at another story: ``Read more: A new chip is here``."""
    return count_words(text) <= 30 and (_RELATED_START.match(text) is not None or is_related_label(text))


def is_call(text: str) -> bool:
    """Whether the line asks the reader for something: to subscribe, follow, share, comment, download."""
    words = count_words(text)
    if words > 70:
        return False
    signs = len(set(match.group().lower() for match in _SITE_WORDS.finditer(text)))
    return (
        (_CALL_START.match(text) is not None and (signs >= 1 or words <= 6 and not ends_sentence(text)))
        or signs >= 2
        and words <= 45
        or signs >= 3
    )


def is_reporting_credit(text: str) -> bool:
    """Whether the line only says who reported, edited or translated the story."""
    return count_words(text) <= 50 and _REPORTING_CREDIT.fullmatch(text.strip()) is not None


def is_caption(text: str) -> bool:
    """Whether the line is the caption of a picture, told by the credit at its start or end."""
    if count_words(text) > 70:
        return False
    end = text[-_CREDIT_CHARS:]
    return any((_CREDIT_START.match(text), _CREDIT_SLASH.search(end), _CREDIT_END.search(end)))


def is_arrow_link(text: str) -> bool:
    """Whether the line is a link of the page's navigation, told by its arrow."""
    return count_words(text) <= 8 and _ARROW.search(text) is not None


def is_label_run(text: str) -> bool:
    """Whether the line is a row of the page's links and buttons: ``Home News Sport``, ``Share · Save · Print``."""
    parts = [part for part in _LABEL_BREAKS.split(text) if part.strip()]
    if len(parts) >= 3 and all(count_words(part) <= 3 for part in parts) and not ends_sentence(text):
        return True
    words = [word.lower() for word in _WORD.findall(text)]
    return (
        0 < len(words) <= 25 and not ends_sentence(text) and sum(word in _LABELS for word in words) >= 0.75 * len(words)
    )


def is_comments_label(text: str) -> bool:
    """Whether the line opens the readers' comments."""
    return len(text) <= 60 and _COMMENTS.fullmatch(text) is not None


def is_cut_off(text: str) -> bool:
    """Whether the line says that the article goes on elsewhere: ``... continue reading``."""
    return len(text) <= 160 and _CUT_OFF.fullmatch(text) is not None
