"""What WhatsApp takes from us: the kind of message for a file, by its bytes, or in words why it cannot be sent.

Types and sizes: Meta's media page (developers.facebook.com/docs/whatsapp/cloud-api/reference/media). A picture, film or
sound that is no good as such may go as a document, of any type and up to 100 MB. Whether Meta's upload takes the types that
its list of documents does not name is told differently by its users; if not, the message fails with Meta's reason.

The browser says the same before anything is uploaded (static/js/lib/files.js): change the words in both.
"""

from __future__ import annotations

from core.errors import Invalid
from core.reason import verbatim
from drive_manager import MEGABYTE
from features.media.files import StoredFile
from features.media.sniffing import UNKNOWN
from web.words import t

KILOBYTE = 1024
STICKER_EDGE = 512
_STICKER_LIMITS = {False: 100 * KILOBYTE, True: 500 * KILOBYTE}  # animated?
_LIMITS = {"image": 5 * MEGABYTE, "video": 16 * MEGABYTE, "audio": 16 * MEGABYTE, "document": 100 * MEGABYTE}
_KINDS = {
    "image/jpeg": "image",
    "image/png": "image",
    "video/mp4": "video",
    "video/3gpp": "video",
    "audio/aac": "audio",
    "audio/amr": "audio",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "audio",
    "text/plain": "document",
    "application/pdf": "document",
    "application/msword": "document",
    "application/vnd.ms-excel": "document",
    "application/vnd.ms-powerpoint": "document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "document",
}


def kind_for_sending(stored: StoredFile, *, as_document: bool = False) -> str:
    """image, video, audio, document or sticker. `as_document`: a picture, film or sound, whole and with its name.

    Raises Invalid, with words that say what to do instead.
    """
    mime_type = stored.sniffed.mime_type
    if stored.size == 0:
        raise _refused(t("This file is empty."), "file_empty")
    if as_document and mime_type.startswith(("image/", "video/", "audio/", "application/ogg")):
        return _within("document", stored.size)
    if mime_type == "image/webp":
        return _sticker(stored)
    kind = _KINDS.get(mime_type)
    if kind is None:
        raise _refused(_why_not(mime_type), "file_type_refused")
    if kind == "audio" and stored.sniffed.codec is not None:
        _check_ogg(stored)
    return _within(kind, stored.size)


def _within(kind: str, size: int) -> str:
    if size > _LIMITS[kind]:
        raise _refused(_too_large(kind), "file_too_large")
    return kind


def _sticker(stored: StoredFile) -> str:
    is_square = stored.width == stored.height == STICKER_EDGE
    if not is_square or stored.size > _STICKER_LIMITS[stored.animated]:
        raise _refused(
            t("WhatsApp takes WebP only as a sticker (512 × 512). Save it as JPEG or PNG, or send it as a document."),
            "file_type_refused",
        )
    return "sticker"


def _check_ogg(stored: StoredFile) -> None:
    if stored.sniffed.codec != "opus" or stored.sniffed.channels != 1:
        raise _refused(
            t("WhatsApp takes Ogg sound only as Opus in mono. Save it as MP3 or M4A, or send it as a document."),
            "file_type_refused",
        )


def _too_large(kind: str) -> str:
    if kind == "image":
        return t("WhatsApp takes pictures up to 5 MB. Make it smaller, or send it as a document.")
    if kind == "video":
        return t("WhatsApp takes videos up to 16 MB. Shorten it, or send it as a document.")
    if kind == "audio":
        return t("WhatsApp takes sound up to 16 MB. Shorten it, or send it as a document.")
    return t("WhatsApp takes documents up to 100 MB. Put it somewhere and send the link.")


def _why_not(mime_type: str) -> str:
    if mime_type.startswith("image/"):
        return t("WhatsApp takes pictures as JPEG or PNG only. Save it as one of these, or send it as a document.")
    if mime_type.startswith("video/"):
        return t("WhatsApp takes videos as MP4 or 3GP only. Save it as MP4, or send it as a document.")
    if mime_type.startswith("audio/") or mime_type == "application/ogg":
        return t("WhatsApp takes sound as MP3, M4A, AAC, AMR or Ogg Opus only. Save it as MP3, or send it as a document.")
    if mime_type == UNKNOWN:
        return t(
            "WhatsApp takes pictures, videos, sound, PDF, Word, Excel, PowerPoint and text files."
            " Save it as one of these, or put it somewhere and send the link."
        )
    return t("WhatsApp does not take this kind of file. Save it as PDF and send that.")


def _refused(words: str, code: str) -> Invalid:
    return Invalid(verbatim(words), code=code)
