"""A process of its own that looks at one picture from outside: whatever is hidden in it, only this process can be hurt.

Run as a script (`python -I thumbnailer.py FORMAT`) with the picture as standard input. Writes one line of JSON, then the
thumbnail as WebP if there could be one. It imports nothing of ours, gets no environment, and limits itself before it
reads a byte: memory, processor time, and what it may write.
"""

import json
import os
import resource
import sys
import warnings

MOST_PIXELS = 50_000_000  # beyond this a picture is taken for a bomb
EDGE = 480  # of the thumbnail, in pixels
MOST_MEMORY = 88 * 1024 * 1024  # address space: a PNG of 12 megapixels takes 67; with 100 the whole server came to +99 MB
MOST_CPU_S = 10
MOST_OUTPUT = 1024 * 1024
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112


def limit_myself() -> None:
    for kind, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_CPU_S),
        (resource.RLIMIT_FSIZE, MOST_OUTPUT),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 16),
    ):
        resource.setrlimit(kind, (most, most))
    os.nice(10)  # staff at their screens come first


def main(kind: str) -> None:
    limit_myself()
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)  # Pillow itself refuses only from twice that on
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    try:
        with Image.open(source, formats=(kind,)) as picture:
            width, height = picture.size
            # Pillow would decode a whole PNG to look for this.
            if kind != "PNG" and picture.getexif().get(_ORIENTATION) in _SIDEWAYS:
                width, height = height, width
            animated = bool(getattr(picture, "is_animated", False))
            picture.verify()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        sink.write(json.dumps({"too_many_pixels": True}).encode() + b"\n")
        return
    sink.write(json.dumps({"width": width, "height": height, "animated": animated}).encode() + b"\n")
    sink.flush()  # the size is known even if the rest fails
    source.seek(0)
    with Image.open(source, formats=(kind,)) as picture:  # verify() leaves a picture unusable
        picture.thumbnail((EDGE, EDGE), reducing_gap=2.0)  # of a JPEG only as much as is needed is ever decoded
        upright = ImageOps.exif_transpose(picture)
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        small = upright.convert("RGBA" if has_alpha else "RGB")
        small.info.clear()  # no place, camera or profile of the sender goes along
        small.save(sink, "WEBP", quality=75, method=4)


if __name__ == "__main__":
    main(sys.argv[1])
