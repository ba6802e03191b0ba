"""A QR code as a drawing inside a page."""

from __future__ import annotations

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(address: str) -> SafeString:
    """It fills what it stands in; some dirt and it still reads."""
    return mark_safe(segno.make(address, error="m").svg_inline(border=1, omitsize=True))  # noqa: S308  # drawn by us
