"""What happens to files: flipped bytes, cuts, foreign encodings, look-alikes, foreign numbers, endless fields."""

from __future__ import annotations

import re
import unicodedata
from random import Random

from stress.fuzz.target import Damage

NUMBERS = [
    "1,5",
    "1.234,5",
    "1'234.5",
    "1e309",
    "-1e309",
    "1e-400",
    "1E2",
    "inf",
    "-inf",
    "nan",
    "NaN",
    "NULL",
    "0x10",
    "1_000",
    "٣",
    "５",
    "²",
    "½",
    "Ⅳ",
    "−5",
    "–5",
    "+5",
    "5.",
    ".5",
    "05",
    "00",
    "-0",
    "5.0",
    "-1",
    "-9",
    "-99",
    "-999",
    "9999",
    "-9999",
    "999999999999999",
    "9999999999999999",
    "0.1234567890123456",
    "NA",
    "N/A",
    "n.a.",
    "..",
    "...",
    "-",
    "…",
    "%",
    "5%",
    "$5",
    "5.2.1",
    "1e15",
    "1e16",
    "true",
    "TRUE",
    "2005-02-31",
    "2.5e0",
    "5d",
    "5f",
    "1j",
    "0b1",
    "0o7",
    "(5)",
    "5-",
    "1/2",
]
"""What stands for a number in other places, programs and habits; each replaces one."""

_ALIKE = str.maketrans("aeopcxyiABEHKMOPTCXI", "аеорсхуіАВЕНКМОРТСХІ")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org","x")',
    "\t=1",
    "{=1}",
)
_SIGNS = (
    *("\0", "\ufeff", "\r", "\n", "\r\n", '"', '""', "'", ",", ";", "\t", "\x0b", "\x0c", "\x1a", "\x1c", "\x7f"),
    *("\x85", "\xa0", "\xad", "\u200b", "\u200d", "\u202e", "\u2028", "\u2066", "\U0001f600", "\ufffd", "\ud800"),
    *("[", "]", "{", "}", "=", "#", "\\", "\\u0000", "\\ud800", "\\U00110000", "<", "&", "&#0;", "|", "%s", "{0}"),
)
_ENCODINGS = ("latin-1", "cp1252", "utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "cp437", "shift-jis", "cp500")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def text_of(data: bytes) -> str:
    """Return bytes as text, those that are none included."""
    return data.decode("utf-8", "surrogateescape")


def bytes_of(text: str) -> bytes:
    """Return the bytes of text that `text_of` returned; a lone surrogate becomes the bytes that it would be."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def flip(chance: Random, data: bytes) -> bytes:
    """Flip one bit, or put any byte in the place of one."""
    if not data:
        return b"\xff"
    place = chance.randrange(len(data))
    byte = data[place] ^ (1 << chance.randrange(8)) if chance.random() < 0.5 else chance.randrange(256)
    return data[:place] + bytes([byte]) + data[place + 1 :]


def cut(chance: Random, data: bytes) -> bytes:
    """Cut the end, the beginning or a piece."""
    first, last = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return chance.choice((data[:first], data[last:], data[:first] + data[last:]))


def repeat(chance: Random, data: bytes) -> bytes:
    """Put a piece there twice, or elsewhere."""
    first = chance.randint(0, len(data))
    last = min(len(data), first + chance.randint(1, 80))
    place = chance.randint(0, len(data))
    return data[:place] + data[first:last] + data[place:]


def insert(chance: Random, data: bytes) -> bytes:
    """Put in a sign with a meaning of its own somewhere."""
    place = chance.randint(0, len(data))
    return data[:place] + bytes_of(chance.choice(_SIGNS)) + data[place:]


def encode(chance: Random, data: bytes) -> bytes:
    """Write the text in a foreign encoding, or with the line ends or the mark of another system."""
    text = data.decode("utf-8", "replace")
    if chance.random() < 0.3:
        text = text.replace("\n", chance.choice(("\r\n", "\r", "\n\n", "\u2028", "\x85")))
        return text.encode()
    return text.encode(chance.choice(_ENCODINGS), "replace")


def swell(chance: Random, data: bytes) -> bytes:
    """Put in an endless run: of one sign, of nested brackets, of dots, of a piece of the file."""
    place = chance.randint(0, len(data))
    piece = data[place : place + chance.randint(1, 40)] or b"x"
    run = chance.choice(
        (b"9", b"x", b"[", b"(", b"{", b'"', b"a.", b"a=", b"{a=", b"\n", b",", b"-", b"\xcc\x81", piece)
    )
    return (
        data[:place]
        + run * chance.choice((30, 70, 400, 400, 1_000, 5_000 // len(run), chance.choice((5_000, 140_000 // len(run)))))
        + data[place:]
    )


def renumber(chance: Random, data: bytes) -> bytes:
    """Put another number, or what other places take for one, in the place of a number."""
    found = list(_NUMBER.finditer(text := text_of(data)))
    if not found:
        return insert(chance, data)
    here = chance.choice(found)
    other = chance.choice((chance.choice(NUMBERS), str(chance.randint(-5, 3000)), f"{chance.uniform(-5, 200):.3f}"))
    return bytes_of(text[: here.start()] + other + text[here.end() :])


def respell(chance: Random, data: bytes) -> bytes:
    """Write a word with letters that look the same, are the same, or cannot be seen."""
    found = list(_WORD.finditer(text := text_of(data)))
    if not found:
        return insert(chance, data)
    here = chance.choice(found)
    return bytes_of(text[: here.start()] + _respelt(chance, here[0]) + text[here.end() :])


def _respelt(chance: Random, word: str) -> str:
    place = chance.randrange(len(word))
    ways = (
        word.translate(_ALIKE),
        word[:place] + word[place].translate(_ALIKE) + word[place + 1 :],
        word.translate(_WIDE),
        word[:place] + chance.choice("\u200b\u200d\xad\u0301\u0338\u00a0\u2060") + word[place:],
        unicodedata.normalize("NFD", word),
        word.upper(),
        word.lower(),
        word.swapcase().replace("i", "ı"),
        f" {word}\u2003",
        word[::-1],
        word[:place] + word[place + 1 :],
        chance.choice(("NA", "NaN", "null", "None", "", "-", "true", "Namibia", "Niger", "Guinea", "Congo", "Korea")),
        chance.choice(_FORMULAS),
    )
    return chance.choice(ways)


def move_lines(chance: Random, data: bytes) -> bytes:
    """Leave out, repeat or exchange lines."""
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return repeat(chance, data)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(3):
        case 0:
            del lines[one]
        case 1:
            lines.insert(other, lines[one])
        case _:
            lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


BYTES: tuple[Damage, ...] = (flip, cut, repeat, insert, encode, swell)
TEXT: tuple[Damage, ...] = (*BYTES, renumber, renumber, respell, respell, move_lines)
