"""A recording made in the browser, kept as what WhatsApp shows as a voice message: Opus in Ogg, mono."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import BinaryIO

from core.errors import Invalid
from core.reason import Reason, define
from core.sound.voice import LARGEST, NotVoice, as_voice_note
from core.sound.voice import Reason as Refusal
from drive_manager import LocalStore
from features.media.actions import store_upload
from features.media.files import StoredFile

define(
    {
        "voice.damaged": "The recording is damaged. Please record it again.",
        "voice.empty": "Nothing was recorded. Please try again.",
        "voice.too_large": "The recording is too long: WhatsApp takes 16 MB at the most.",
        "voice.not_a_recording": "This browser records in a way that WhatsApp does not play. Attach a sound file instead.",
    }
)
_REASONS = {
    Refusal.DAMAGED: Reason("voice.damaged"),
    Refusal.EMPTY: Reason("voice.empty"),
    Refusal.TOO_LARGE: Reason("voice.too_large"),
}
_NOT_A_RECORDING = Reason("voice.not_a_recording")


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
        if refused.reason is Refusal.AAC:
            return Recording(store_upload(store, io.BytesIO(data), filename, declared_type), "voice.m4a", False)
        raise Invalid(_REASONS.get(refused.reason, _NOT_A_RECORDING), code="not_a_recording") from None
    return Recording(store_upload(store, io.BytesIO(note.ogg), "voice.ogg", "audio/ogg"), "voice.ogg", note.channels == 1)
