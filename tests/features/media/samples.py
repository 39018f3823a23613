"""Files good and bad, made here: no stranger's picture, no real exploit."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 400), **options: object) -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").resize(size).convert("RGB").save(file, kind, **options)
    return file.getvalue()


def sideways_jpeg() -> bytes:
    """640 × 400 as stored, to be turned by a quarter."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Invented camera"
    return picture(exif=exif)


def animated(kind: str) -> bytes:
    frames = [Image.new("RGBA", (512, 512), (40 * number, 80, 120, 255)) for number in range(4)]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def sticker(size: tuple[int, int] = (512, 512)) -> bytes:
    return picture("WEBP", size)


def png_claiming(width: int, height: int) -> bytes:
    """Tiny in bytes, huge when it is decoded."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def ogg(first_packet: bytes, granule: int = 0) -> bytes:
    """Two pages: the codec's header, and a last one at `granule`."""

    def page(kind: int, position: int, packet: bytes) -> bytes:
        head = struct.pack("<4sBBqIIIB", b"OggS", 0, kind, position, 1, 0, 0, 1)
        return head + bytes([len(packet)]) + packet

    return page(2, 0, first_packet) + page(4, granule, b"\xfc" * 40)


def opus(channels: int = 1, milliseconds: int = 4000) -> bytes:
    head = b"OpusHead" + struct.pack("<BBHIHB", 1, channels, 312, 48000, 0, 0)
    return ogg(head, milliseconds * 48 + 312)


def vorbis() -> bytes:
    return ogg(b"\x01vorbis" + struct.pack("<IBI", 0, 1, 44100) + bytes(20))


def iso(major: bytes, *compatible: bytes) -> bytes:
    brands = major + bytes(4) + b"".join(compatible)
    return struct.pack(">I", len(brands) + 8) + b"ftyp" + brands + struct.pack(">I", 8) + b"mdat" + bytes(400)


MP3 = b"\xff\xfb\x90\x64" + bytes(400)
MP3_TAGGED = b"ID3\x04\x00\x00\x00\x00\x00\x21" + bytes(33) + MP3
AAC = b"\xff\xf1\x50\x80\x02\x1f\xfc" + bytes(400)
AMR = b"#!AMR\n" + bytes(100)
WEBM = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm" + bytes(100)
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
ZIP = b"PK\x03\x04\x14\x00\x06\x00" + bytes(60)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)


def jpeg_that_is_a_page() -> bytes:
    """A sound JPEG whose comment is a web page."""
    jpeg, comment = picture(), HTML + b"<!--"
    return jpeg[:2] + b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment + jpeg[2:]


def gif_that_is_a_script() -> bytes:
    return b"GIF89a/*" + bytes(20) + b"*/=1;<script>alert(1)</script>"
