"""A recording made in the browser, kept as what WhatsApp shows as a voice message: Opus in Ogg, mono."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from core.errors import Invalid
from core.sound.voice import LARGEST, NotVoice, Reason, as_voice_note
from drive_manager import LocalStore
from features.media.actions import store_upload
from features.media.files import StoredFile

_WORDS = {
    Reason.DAMAGED: "The recording is damaged. Please record it again.",
    Reason.EMPTY: "Nothing was recorded. Please try again.",
    Reason.TOO_LARGE: "The recording is too long: WhatsApp takes 16 MB at the most.",
}
_NOT_A_RECORDING = "This browser records in a way that WhatsApp does not play. Attach a sound file instead."


@dataclass(frozen=True)
class Recording:
    """`is_voice`: it can go out as a voice message; else it is ordinary sound (AAC, or stereo)."""

    stored: StoredFile
    filename: str
    is_voice: bool


def store_recording(store: LocalStore, stream: BinaryIO, filename: str, declared_type: str) -> Recording:
    """Re-wrap and keep it; the sound itself is untouched. Not inside a transaction. Raises Invalid."""
    data = stream.read(LARGEST + 1)
    try:
        note = as_voice_note(data)
    except NotVoice as refused:
        if refused.reason is Reason.AAC:
            return Recording(store_upload(store, io.BytesIO(data), filename, declared_type), "voice.m4a", False)
        raise Invalid(_WORDS.get(refused.reason, _NOT_A_RECORDING), code="not_a_recording") from None
    return Recording(store_upload(store, io.BytesIO(note.ogg), "voice.ogg", "audio/ogg"), "voice.ogg", note.channels == 1)
