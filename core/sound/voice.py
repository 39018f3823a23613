"""A browser's recording made what WhatsApp shows as a voice message: Opus in Ogg.

Nothing is decoded: the packets go from one container (WebM, MP4, Ogg) into another, sound untouched. Titles, places and
whatever else the file said of itself stay behind. Pure: bytes in, bytes out; time and memory are bounded by the size.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.sound import mp4, ogg, webm
from core.sound.opus import NotVoice, Reason

__all__ = ["LARGEST", "NotVoice", "Reason", "VoiceNote", "as_voice_note"]

LARGEST = 16 * 1024 * 1024  # bytes; Meta takes no larger sound


@dataclass(frozen=True)
class VoiceNote:
    """`ogg`: the file to send as `audio/ogg; codecs=opus`. WhatsApp wants `channels` 1; what has 2 was recorded in stereo."""

    ogg: bytes
    duration_ms: int
    channels: int


def as_voice_note(data: bytes) -> VoiceNote:
    """Of a WebM, MP4 or Ogg file with Opus in it; a cut file gives what is there.

    Raises NotVoice (its `reason` says why): another format or codec, damage, nothing to hear, more than 16 MB.
    """
    if len(data) > LARGEST:
        raise NotVoice(Reason.TOO_LARGE)
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        recording = webm.read(data)
    elif data.startswith(b"OggS"):
        recording = ogg.read(data)
    elif data[4:8] == b"ftyp":
        recording = mp4.read(data)
    else:
        raise NotVoice(Reason.UNKNOWN_FORMAT)
    return VoiceNote(ogg.write(recording), recording.duration_ms, recording.head.channels)
