"""Opus without decoding it: how long a packet is, a stream's header, and the recording that every container yields.

Sources: RFC 6716 sections 3.1 and 3.2 (TOC byte, frames in a packet), RFC 7845 section 5.1 (the header "OpusHead").
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from enum import StrEnum

RATE = 48_000  # Opus counts samples at this rate, whatever was recorded
LONGEST_PACKET = 5760  # samples, 120 ms (RFC 6716, requirement R5)
LARGEST_PACKET = 61_440  # bytes (RFC 7845, section 6); it also always fits into one Ogg page
MOST_PACKETS = 300_000  # 100 minutes in steps of 20 ms; each costs memory, however few bytes it has

_FRAME_SAMPLES = (480, 960, 1920, 2880) * 3 + (480, 960) * 2 + (120, 240, 480, 960) * 4  # by the TOC's upper five bits
_IS_STEREO = 0x04  # in the TOC byte
_HEAD = struct.Struct("<8sBBHIhB")


class Reason(StrEnum):
    """Why a file cannot become a voice message; the words for people are the caller's."""

    UNKNOWN_FORMAT = "unknown_format"  # neither WebM, MP4 nor Ogg
    NO_OPUS = "no_opus"  # one of them, but the sound in it is of another kind (or there is none)
    AAC = "aac"  # MP4 with AAC: WhatsApp takes it as ordinary audio
    UNSUPPORTED = "unsupported"  # Opus in a way that recorders do not write: lacing, encryption, surround
    DAMAGED = "damaged"
    EMPTY = "empty"  # nothing to hear
    TOO_LARGE = "too_large"


class NotVoice(Exception):
    """The file cannot be made a voice message; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class OpusHead:
    """`pre_skip`: samples to drop at the start. `gain`: dB / 256. Raises NotVoice for more than mono or stereo."""

    channels: int
    pre_skip: int = 312
    input_rate: int = RATE
    gain: int = 0
    mapping_family: int = 0

    def __post_init__(self) -> None:
        if self.channels not in (1, 2) or self.mapping_family != 0:
            raise NotVoice(Reason.UNSUPPORTED)

    @classmethod
    def parse(cls, raw: bytes) -> OpusHead:
        """Raises NotVoice."""
        if len(raw) < _HEAD.size or not raw.startswith(b"OpusHead") or raw[8] >> 4:
            raise NotVoice(Reason.DAMAGED)
        return cls(*_HEAD.unpack(raw[: _HEAD.size])[2:])

    def to_bytes(self) -> bytes:
        return _HEAD.pack(b"OpusHead", 1, self.channels, self.pre_skip, self.input_rate, self.gain, self.mapping_family)


@dataclass(frozen=True)
class Recording:
    """`samples`: of all packets together. `end_trim`: samples at the end that are not to be heard."""

    head: OpusHead
    packets: list[bytes]
    samples: int
    end_trim: int

    @property
    def duration_ms(self) -> int:
        return (self.samples - self.head.pre_skip - self.end_trim) * 1000 // RATE


class Packets:
    """Takes packets one by one, and keeps to limits that a small file with large claims cannot pass."""

    def __init__(self, size_of_file: int) -> None:
        self.samples = 0
        self._kept: list[bytes] = []
        self._offered = 0
        self._room = size_of_file
        self._is_stereo = False

    def add(self, packet: bytes) -> None:
        """One that no decoder would take is left out. Raises NotVoice when there are too many.

        All together may not be larger than the file: only tables that point at the same bytes again and again are.
        """
        self._offered += 1
        self._room -= len(packet)
        if self._room < 0:
            raise NotVoice(Reason.DAMAGED)
        if self._offered > MOST_PACKETS:
            raise NotVoice(Reason.TOO_LARGE)
        if length := samples_in(packet):
            self._kept.append(packet)
            self.samples += length
            self._is_stereo = self._is_stereo or bool(packet[0] & _IS_STEREO)

    def finish(self, head: OpusHead, end_trim: int = 0) -> Recording:
        """Packets that fall to the trim as a whole go. Raises NotVoice when nothing is left to hear.

        Some recorders announce two channels and then code one: a decoder would play the same on both sides, so
        announcing one changes nothing, and WhatsApp takes it.
        """
        while self._kept and end_trim >= (last := samples_in(self._kept[-1])):
            self._kept.pop()
            self.samples -= last
            end_trim -= last
        recording = Recording(
            replace(head, channels=2 if head.channels == 2 and self._is_stereo else 1),
            self._kept,
            self.samples,
            max(0, end_trim),
        )
        if recording.duration_ms <= 0:
            raise NotVoice(Reason.EMPTY)
        return recording


def samples_in(packet: bytes) -> int:
    """Length at 48 kHz, told from its first two bytes; 0 when no decoder would take it."""
    if not 1 <= len(packet) <= LARGEST_PACKET:
        return 0
    code = packet[0] & 3
    if code == 3:
        frames = packet[1] & 63 if len(packet) > 1 else 0
    else:
        frames = 2 if code else 1
    length = frames * _FRAME_SAMPLES[packet[0] >> 3]
    return length if length <= LONGEST_PACKET else 0
