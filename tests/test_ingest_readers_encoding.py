import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ReadError
from ingest.readers.encoding import declared_charset, decode_text

ENGLISH = "“It’s a naïve idea,” said the café’s owner – and it cost £5."
RUSSIAN = "Порт закрыли на неделю из-за шторма, и рыбаки остались дома, сообщила вчера городская газета."
JAPANESE = "港は嵐のため一週間閉鎖されました。漁師たちは家に残ったと、昨日の新聞が伝えています。今日は天気がいいです。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_what_english_files_are_written_in(encoding: str) -> None:
    assert decode_text(ENGLISH.encode(encoding)) == ENGLISH


@pytest.mark.parametrize("mark", [(codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le")])
def test_both_orders_of_utf_16(mark: tuple[bytes, str]) -> None:
    assert decode_text(mark[0] + RUSSIAN.encode(mark[1])) == RUSSIAN


@pytest.mark.parametrize(("text", "encoding"), [(RUSSIAN, "cp1251"), (JAPANESE, "shift_jis"), (JAPANESE, "euc_jp")])
def test_other_encodings_are_detected(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding)) == text


def test_a_declared_encoding_comes_before_detection() -> None:
    assert decode_text("Zażółć gęślą jaźń".encode("cp1250"), declared="windows-1250") == "Zażółć gęślą jaźń"


def test_a_declared_encoding_that_does_not_exist_is_passed_over() -> None:
    assert decode_text(ENGLISH.encode("cp1252"), declared="no-such-thing") == ENGLISH


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04\x00\x00", "NUL byte at offset 4"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8a", "byte order mark says utf-16-le"),
        (codecs.BOM_UTF8 + b"\xff", "byte order mark says utf-8"),
        (bytes(range(0x80, 0xA0)) * 8, "expected UTF-8, found byte 0x80 at offset 0"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ReadError, match=message):
        decode_text(data)


@given(st.binary(max_size=400))
def test_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        text = decode_text(data)
    except ReadError:
        return
    assert (
        "\ufffd" not in text or b"\xef\xbf\xbd" in data or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    )


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))
def test_utf_8_is_always_read_as_it_is(text: str) -> None:
    assert decode_text(text.encode()) == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (b'<meta charset="windows-1250">', "windows-1250"),
        (b'<meta http-equiv=Content-Type content="text/html; charset=Shift_JIS">', "Shift_JIS"),
        (b'<?xml version="1.0" encoding="ISO-8859-2"?>', "ISO-8859-2"),
        (b"<p>charset=none</p>", ""),
    ],
)
def test_declared_charset(data: bytes, charset: str) -> None:
    assert declared_charset(data) == charset
