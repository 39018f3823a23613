"""Bytes of a text file made by somebody else's program into text. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable

from core.reason import Reason, define

# Frequent in names and headings: tells one Chinese encoding from another, under which these bytes would be rare signs.
_COMMON_CHINESE = frozenset(
    "陳李黃張林王吳劉楊蔡許鄭謝郭洪曾邱廖賴周葉蘇何呂羅高蕭潘簡朱鍾彭游詹胡施沈余趙盧梁顏柯翁魏孫戴范宋方鄧杜傅侯曹薛丁馬唐董"
    "陈黄张吴刘杨许郑谢赖叶苏吕罗萧钟赵卢颜孙范邓冯韩"
    "電話手機號碼姓名客戶稱地址備註聯絡人先生小姐太太女士公司有限香港九龍新界電郵日期年月大小文明志偉家俊美玲英華國強麗芳敏靜"
    "电话机号码户称备注联络系国强丽静伟华"
)

define(
    {
        "list.damaged_letters": "Some letters are damaged.",
        "list.damaged_utf8": "UTF-8 with damaged letters",
        "list.guessed_encoding": "The file is not clean UTF-8; it was read as {name}. If letters look wrong, save it as"
        " “CSV UTF-8”.",
    }
)


def decode(raw: bytes) -> tuple[str, Reason | None]:
    """The text, and a doubt when the encoding had to be inferred: UTF-8, else Big5, GB18030 or Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            try:
                return raw.decode(encoding), None
            except UnicodeDecodeError:
                return raw.decode(encoding, "replace"), Reason("list.damaged_letters")
    try:
        return raw.decode("utf-8"), None
    except UnicodeDecodeError:
        pass
    foreign = b"\n".join(line for line in raw.splitlines() if not line.isascii())[: 256 * 1024]
    best = max(_CANDIDATES, key=lambda candidate: _fitness(foreign, candidate))
    name, encoding, _ = best
    return raw.decode(encoding, "replace"), Reason("list.guessed_encoding", name=name)


def _chinese_share(text: str) -> float:
    foreign = [letter for letter in text if letter > "\x7f"]
    return sum(letter in _COMMON_CHINESE for letter in foreign) / max(1, len(foreign))


def _latin_share(text: str) -> float:
    """Accented letters that stand beside plain ones, as in “Müller”; rows of them are Chinese read wrongly."""
    foreign = len(re.findall(r"[^\x00-\x7f]", text))
    fitting = len(re.findall(r"(?<![^\x00-\x7f])[\xc0-\xff\u2018\u2019](?![^\x00-\x7f])", text))
    return 0.9 * fitting / max(1, foreign)


def _whole_share(text: str) -> float:
    """For a file that is UTF-8 but for a damaged place."""
    foreign = [letter for letter in text if letter > "\x7f"]
    whole = sum(letter != "\ufffd" for letter in foreign) / max(1, len(foreign))
    return whole if whole > 0.5 else 0.0


_CANDIDATES: tuple[tuple[str | Reason, str, Callable[[str], float]], ...] = (
    (Reason("list.damaged_utf8"), "utf-8", _whole_share),
    ("Big5", "big5hkscs", _chinese_share),
    ("GB18030", "gb18030", _chinese_share),
    ("Windows-1252", "cp1252", _latin_share),
)


def _fitness(raw: bytes, candidate: tuple[str | Reason, str, Callable[[str], float]]) -> tuple[bool, float]:
    """Without damage first (only a place or two in UTF-8), then by how likely the letters are."""
    _, encoding, likelihood = candidate
    text = raw.decode(encoding, "replace")
    share = likelihood(text)
    return (encoding == "utf-8" and share > 0) or "\ufffd" not in text[:-4], share
