"""What a file is, by its bytes alone. What the sender says decides at most between sound and picture of one container.

Only types that cannot run script are ever shown inside a page (OWASP ASVS 5.0, 3.2.1); everything else is a download.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

HEAD = 64 * 1024  # bytes to hand to `sniff`
UNKNOWN = "application/octet-stream"

INLINE_TYPES = frozenset(
    {
        "image/jpeg",
        "image/png",
        "image/webp",
        "image/gif",
        "video/mp4",
        "video/3gpp",
        "audio/ogg",
        "audio/aac",
        "audio/amr",
        "audio/mpeg",
        "audio/mp4",
    }
)

# Never inside a page of ours; a tab of its own shows it with the browser's viewer (docs/decisions/0012).
TAB_TYPES = frozenset({"application/pdf"})

# A picture that is also a page: shown as a picture it could do nothing, but nobody sends such a thing in good faith.
_MARKUP = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|svg|iframe|object|embed|meta\s+http)\b", re.IGNORECASE)
_MARKUP_WITHIN = 4096

_PLAIN_STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"{\\rtf", "application/rtf"),
)
_OFFICE = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": {
        "doc": "application/msword",
        "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
    },
    b"PK\x03\x04": {
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    },
}
_BRANDS = {
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"hevc": "image/heic",
    b"mif1": "image/heif",
    b"msf1": "image/heif",
    b"avif": "image/avif",
    b"avis": "image/avif",
}
_MP4_BRANDS = (b"isom", b"iso", b"mp4", b"avc1", b"M4V", b"MSNV", b"dash", b"f4v", b"F4V", b"mmp4", b"XAVC")
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\xff]")  # in no encoding that is in use here


@dataclass(frozen=True)
class Sniffed:
    """`inline`: may be shown in a page, `opens`: in a tab of its own.

    `codec` and `channels` are told for Ogg only, where WhatsApp is particular about them.
    """

    mime_type: str
    inline: bool
    codec: str | None = None
    channels: int | None = None
    opens: bool = False

    @property
    def inline_type(self) -> str | None:
        return self.mime_type if self.inline or self.opens else None


def sniff(head: bytes, declared: str = "", filename: str = "") -> Sniffed:
    """`head`: the first HEAD bytes (or all of a shorter file). `declared`, `filename`: the sender's word, never enough."""
    found = _container(head, declared) or Sniffed(_plain(head) or _document(head, filename), False)
    is_harmless = not _MARKUP.search(head[:_MARKUP_WITHIN])
    opens = found.mime_type in TAB_TYPES and head.startswith(b"%PDF-")  # viewers also take one that begins with something else
    return replace(found, inline=is_harmless and found.mime_type in INLINE_TYPES, opens=is_harmless and opens)


def _container(head: bytes, declared: str) -> Sniffed | None:
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Sniffed("image/webp", False)
    if head[4:8] == b"ftyp":
        return Sniffed(_iso_type(head, declared), False)
    if head[:4] == b"OggS":
        return _ogg(head)
    return None


def _plain(head: bytes) -> str | None:
    for start, mime_type in _PLAIN_STARTS:
        if head.startswith(start):
            return mime_type
    if b"%PDF-" in head[:1024]:
        return "application/pdf"
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return _mpeg_audio(head)
    return None


def _mpeg_audio(head: bytes) -> str | None:
    """A frame header of AAC (ADTS: 12 sync bits, layer 0) or MPEG audio (11 sync bits, layer 1-3, sound rates)."""
    layer = head[1] >> 1 & 3
    if layer == 0:
        return "audio/aac" if head[1] & 0xF0 == 0xF0 and head[2] >> 2 & 15 < 13 else None
    is_sound = head[1] >> 3 & 3 != 1 and head[2] >> 4 not in (0, 15) and head[2] >> 2 & 3 != 3
    return "audio/mpeg" if is_sound else None


def _iso_type(head: bytes, declared: str) -> str:
    """MP4 and its kin. One container holds sound or pictures, so there the sender's word decides between the two."""
    length = min(int.from_bytes(head[:4], "big"), 512)
    major, compatible = head[8:12], [head[at : at + 4] for at in range(16, length - 3, 4)]
    if major in _BRANDS:
        return _BRANDS[major]
    if major[:2] == b"3g":
        return "video/3gpp"
    is_mp4 = any(brand.startswith(_MP4_BRANDS) for brand in (major, *compatible))
    if not is_mp4:
        return UNKNOWN
    return "audio/mp4" if declared.startswith("audio/") or b"M4A " in compatible else "video/mp4"


def _ogg(head: bytes) -> Sniffed:
    """The first packet of the first page names the codec (RFC 3533; RFC 7845 for Opus)."""
    packet = head[27 + (head[26] if len(head) > 26 else 0) :]
    if packet.startswith(b"OpusHead") and len(packet) > 9:
        return Sniffed("audio/ogg", False, "opus", packet[9])
    if packet.startswith(b"\x01vorbis") and len(packet) > 11:
        return Sniffed("audio/ogg", False, "vorbis", packet[11])
    return Sniffed("application/ogg", False)  # Theora and others: pictures, or nothing that browsers play


def _document(head: bytes, filename: str) -> str:
    """Office files by container and extension together (nothing is unpacked here); text by the lack of control bytes."""
    extension = filename.rpartition(".")[2].lower()
    for start, kinds in _OFFICE.items():
        if head.startswith(start):
            return kinds.get(extension, UNKNOWN)
    return "text/plain" if head and not _NOT_TEXT.search(head) else UNKNOWN
