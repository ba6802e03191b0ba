"""Plain pictures for the demo, drawn from a seed: a street corner with what is wrong, or put right."""

from __future__ import annotations

import datetime as dt
import io
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from cases import evidence
from ledger.actor import Actor

SIZE = (480, 360)
SKY = ("#bcd3e6", "#cfd8dc", "#e3d5c1", "#b7c9bd")
WALL = ("#c9b79c", "#b8a99a", "#d8cfc0", "#a9b4b8", "#cdb4a6")
HEAP = ("#6d4c41", "#8d6e63", "#4e342e", "#558b2f", "#455a64", "#b71c1c")


def photo(chance: Random, *, by: Actor, at: dt.datetime, done: bool = False) -> str:
    """The id of a stored picture, kept by the same way as every upload."""
    file = SimpleUploadedFile("photo.jpg", drawn(chance, done=done), content_type="image/jpeg")
    return str(evidence.store(by=by, at=at, file=file).pk)


def drawn(chance: Random, *, done: bool = False) -> bytes:
    """A JPEG: sky, a house, the pavement; with a heap on it unless it is done."""
    width, height = SIZE
    picture = Image.new("RGB", SIZE, chance.choice(SKY))
    draw = ImageDraw.Draw(picture)
    ground = chance.randint(220, 270)
    left = chance.randint(20, 160)
    right = left + chance.randint(180, 280)
    roof = chance.randint(40, 110)
    draw.rectangle((left, roof, right, ground), fill=chance.choice(WALL))
    for x in range(left + 14, right - 24, 44):
        for y in range(roof + 14, ground - 34, 48):
            draw.rectangle((x, y, x + 22, y + 28), fill="#5d7a8c" if chance.random() < 0.8 else "#f6e7a1")
    draw.rectangle((0, ground, width, height), fill="#9e9e9e")
    draw.line((0, ground + 40, width, ground + 40), fill="#e0e0e0", width=3)
    if not done:
        for _piece in range(chance.randint(6, 14)):
            x, y = chance.randint(80, 380), chance.randint(ground, height - 30)
            size = chance.randint(12, 46)
            draw.ellipse((x, y, x + size, y + size * 2 // 3), fill=chance.choice(HEAP))
    sheet = io.BytesIO()
    picture.save(sheet, "JPEG", quality=80)
    return sheet.getvalue()
