"""Bytes to text, or a clear refusal: never a mangled character that nobody reports.

Place in the flow: file -> **decode** -> reader. What the bytes say of themselves (a byte order mark) comes first, then
UTF-8, then what the document declares, then detection, and only when it is sure.
"""

import codecs
import re

from ingest.errors import ReadError

# UTF-32 before UTF-16: the mark of UTF-16 (little end first) is the beginning of that of UTF-32.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Detection reads the beginning only: it is slow, and the first pages tell as much as all of them.
_SAMPLE_BYTES = 64 * 1024
_CHARSET = re.compile(
    rb"""<(?:meta[^>]{0,200}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE
)
XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_C1_OR_CONTROL = re.compile("[\x01-\x08\x0e-\x1a\x1c-\x1f\x80-\x84\x86-\x9f]")


def decode_text(data: bytes, *, declared: str = "") -> str:
    """The text of the bytes, without its byte order mark.

    declared: the encoding the document names for itself (an HTML ``charset``, an XML declaration), if any.
    Raises ReadError when the bytes are no text or no encoding fits them for sure.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data[len(mark) :], encoding)
    if b"\0" in data:
        raise ReadError(
            f"expected text, found a binary file (a NUL byte at offset {data.index(0)}); "
            "remove it from the corpus, or save it as UTF-8 text"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _not_utf8(data, declared, error)


def declared_charset(data: bytes) -> str:
    """The encoding that a page or feed names in its first kilobytes; empty when it names none."""
    match = _CHARSET.search(data[:4096])
    return match[1].decode("ascii", "ignore") if match else ""


def _strictly(data: bytes, encoding: str) -> str:
    """The bytes decoded as their mark says. Raises ReadError at the first byte that does not fit."""
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ReadError(
            f"the byte order mark says {encoding}, but the byte at offset {error.start} does not fit; save it as UTF-8"
        ) from error


def _not_utf8(data: bytes, declared: str, reason: UnicodeDecodeError) -> str:
    """The text of bytes that are not UTF-8: as declared, else as detected. Raises ReadError when neither is sure."""
    for encoding in filter(None, (declared, _detect(data))):
        try:
            text = data.decode(_web_encoding(encoding))
        except (UnicodeDecodeError, LookupError):
            continue
        if not _C1_OR_CONTROL.search(text):
            return text
    raise ReadError(
        f"expected UTF-8, found byte 0x{data[reason.start]:02x} at offset {reason.start} and no other encoding that "
        "fits for sure; save it as UTF-8"
    )


def _web_encoding(encoding: str) -> str:
    """The encoding meant by the name: on the web, and in Windows files, ISO-8859-1 and ASCII mean cp1252."""
    name = encoding.strip().lower()
    return "cp1252" if name in {"iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii"} else name


def _detect(data: bytes) -> str:
    """The encoding that the bytes show by themselves, or an empty string when they show none for sure."""
    if _is_western(data):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_ENCODINGS).best()
    # Chaos is the share of the text that looks mangled; above 0.1 the guess is as often wrong as right. Coherence is
    # how far its letters are those of a language: any bytes at all are text in some encoding of one byte a letter.
    if best is None or best.chaos > 0.1 or (best.coherence == 0 and not best.encoding.startswith(_MULTIBYTE)):
        return ""
    return str(best.encoding)


# The encodings that text files and pages are found in; those of DOS and of mainframes fit almost any bytes.
_MULTIBYTE = ("gb", "big5", "cp932", "shift", "euc", "cp949", "johab", "iso2022")
_ENCODINGS = [
    *(f"cp125{number}" for number in range(9)),
    *("iso8859_2", "iso8859_5", "iso8859_7", "iso8859_9", "iso8859_15", "koi8_r", "koi8_u", "mac_roman"),
    *("gb18030", "big5", "cp932", "shift_jis", "euc_jp", "euc_kr", "cp949", "iso2022_jp"),
]


# Beyond ASCII, western European text has curly quotes, dashes and signs ...
_SIGNS = frozenset(b"\x80\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa1\xa3\xa7\xa9\xab\xae\xb0\xb1\xb7\xbb\xbd\xbf")
# ... and accented letters; without those that only Icelandic has, since in Turkish files the same bytes are common.
_ACCENTED = frozenset(range(0xC0, 0x100)) - frozenset(b"\xd0\xd7\xdd\xde\xf0\xf7\xfd\xfe")
_FOREIGN_RUN = re.compile(rb"[\xc0-\xff]{3}")


def _is_western(data: bytes) -> bool:
    """Whether the bytes are surely cp1252: nothing beyond ASCII but signs and accented letters of western text, and
    the letters few and apart, as accents are; Cyrillic and Greek files have them in long runs.
    """
    high = [byte for byte in data[:_SAMPLE_BYTES] if byte >= 0x80]
    accented = sum(byte in _ACCENTED for byte in high)
    if accented + sum(byte in _SIGNS for byte in high) < len(high):
        return False
    return accented <= 0.12 * len(data) and not _FOREIGN_RUN.search(data)
