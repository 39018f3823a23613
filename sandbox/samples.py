"""Files for the invented customers to send: drawn and written here, no stranger's picture."""

from __future__ import annotations

import random
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

VOICE_TYPE = "audio/ogg; codecs=opus"
_SKIES = [("#8fd0e8", "#d9f0f5"), ("#f6c177", "#fbe6c5"), ("#cdb4db", "#f3e4f5"), ("#7fb2e5", "#e3eef9")]
_SEAS = [("#5aa9d6", "#1d6a98"), ("#4d8f9e", "#1f4e5f"), ("#5c7fb8", "#2b3f73"), ("#3fa69a", "#14635c")]
_BOATS = ["#e4572e", "#f3a712", "#d7263d", "#f4f1de"]


def photo(number: int = 0, size: tuple[int, int] = (960, 640)) -> bytes:
    """A kayak on the sea; `number` chooses the light and the boat. JPEG."""
    width, height = size
    dice = random.Random(number)
    horizon = int(height * dice.uniform(0.34, 0.46))
    picture = Image.new("RGB", size)
    picture.paste(_gradient((width, horizon), *_SKIES[number % len(_SKIES)]), (0, 0))
    picture.paste(_gradient((width, height - horizon), *_SEAS[number % len(_SEAS)]), (0, horizon))
    draw = ImageDraw.Draw(picture)
    _sun(draw, dice, width, horizon)
    _hills(draw, dice, width, horizon)
    _waves(draw, dice, width, height, horizon)
    _kayak(draw, _BOATS[number % len(_BOATS)], width * dice.uniform(0.35, 0.6), height * 0.68, width * 0.34)
    file = BytesIO()
    picture.filter(ImageFilter.SMOOTH).save(file, "JPEG", quality=86)
    return file.getvalue()


def sticker() -> bytes:
    """A smiling sun, 512 × 512. WebP."""
    picture = Image.new("RGBA", (512, 512), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((56, 56, 456, 456), fill="#ffd23f", outline="#f3a712", width=14)
    for x in (180, 332):
        draw.ellipse((x - 26, 190, x + 26, 256), fill="#3b2f2f")
    draw.arc((150, 200, 362, 372), 20, 160, fill="#3b2f2f", width=20)
    file = BytesIO()
    picture.save(file, "WEBP", quality=80)
    return file.getvalue()


def voice() -> bytes:
    """Four seconds of a synthetic murmur, Ogg Opus mono (made once with libopus)."""
    return Path(__file__).with_name("voice.ogg").read_bytes()


def document(title: str) -> bytes:
    """One page with `title` (ASCII) and some lines. PDF."""
    lines = [title, "", "Harbour Kayaks, Sai Kung", "Single kayak: HK$ 120 an hour", "Double kayak: HK$ 180 an hour"]
    text = "BT /F1 18 Tf 72 740 Td 26 TL " + " ".join(f"({_escaped(line)}) Tj T*" for line in lines) + " ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(text)} >>\nstream\n{text}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    return _pdf(objects)


def _pdf(objects: list[str]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n".encode("ascii")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    count = len(objects) + 1
    tail = f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n<< /Size {count} /Root 1 0 R >>\n"
    return body + f"{tail}startxref\n{len(body)}\n%%EOF\n".encode("ascii")


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _gradient(size: tuple[int, int], top: str, bottom: str) -> Image.Image:
    """`top` to `bottom`, downwards."""
    mask = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), mask)


def _sun(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, horizon: int) -> None:
    x, y, radius = width * dice.uniform(0.15, 0.85), horizon * 0.45, width * 0.04
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill="#fff7dc")


def _hills(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, horizon: int) -> None:
    for colour, tallest in (("#7d9f97", 0.42), ("#56806f", 0.24)):
        ridge = [(x, horizon - horizon * tallest * dice.random()) for x in range(0, width + 160, 160)]
        draw.polygon([(0, horizon), *ridge, (width, horizon)], fill=colour)


def _waves(draw: ImageDraw.ImageDraw, dice: random.Random, width: int, height: int, horizon: int) -> None:
    for _ in range(90):
        x, y = dice.randrange(width), dice.randrange(horizon + 8, height)
        length = 14 + 60 * (y - horizon) / (height - horizon)
        draw.line((x, y, x + length, y), fill="#cfe6ee", width=2)


def _kayak(draw: ImageDraw.ImageDraw, colour: str, x: float, y: float, length: float) -> None:
    thick = length * 0.085
    draw.ellipse((x - length / 2, y + thick * 0.9, x + length / 2, y + thick * 2.1), fill="#1b4a5e")
    draw.ellipse((x - length / 2, y - thick, x + length / 2, y + thick * 1.3), fill=colour)
    draw.ellipse((x - length * 0.1, y - thick * 0.7, x + length * 0.1, y + thick * 0.3), fill="#3b2f2f")
    draw.line((x - length * 0.3, y - length * 0.2, x + length * 0.24, y + length * 0.08), fill="#2f2a26", width=6)
    draw.ellipse((x - thick * 0.8, y - length * 0.2, x + thick * 0.8, y - thick * 0.4), fill="#263c8a")
    draw.ellipse((x - thick * 0.5, y - length * 0.29, x + thick * 0.5, y - length * 0.2), fill="#e0a370")
