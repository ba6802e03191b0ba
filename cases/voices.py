"""What a voice recording is, told by walking its whole structure.

Recordings are kept as they came, so nothing may hide in them: every byte must belong to the format, from the
first to the last. `recognise` gives the MIME type, or raises NotAVoice.
"""

from __future__ import annotations

from collections.abc import Callable


class NotAVoice(ValueError):
    """Not one of our formats, cut off, or with something else inside."""


def recognise(data: bytes) -> str:
    """The MIME type of a complete webm, ogg, mp4/m4a, mp3, wav or amr recording."""
    for begins, walk in WALKS:
        if begins(data):
            return walk(data)
    raise NotAVoice("unknown format")


# -- RIFF/WAVE


def _wav(data: bytes) -> str:
    if int.from_bytes(data[4:8], "little") + 8 != len(data):
        raise NotAVoice("length does not fit")
    at, seen = 12, set()
    while at < len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + (size & 1)
        seen.add(name)
    if at not in (len(data), len(data) + 1) or not {b"fmt ", b"data"} <= seen:
        raise NotAVoice("chunks do not fit")
    return "audio/wav"


# -- Ogg

OGG_CODECS = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")


def _ogg(data: bytes) -> str:
    at, first = 0, b""
    while at < len(data):
        if data[at : at + 5] != b"OggS\x00" or at + 27 > len(data):
            raise NotAVoice("broken page")
        laces = data[at + 27 : at + 27 + data[at + 26]]
        if len(laces) != data[at + 26]:
            raise NotAVoice("broken page")
        start = at + 27 + len(laces)
        first = first or data[start : start + 8]
        at = start + sum(laces)
    if at != len(data) or not first.startswith(OGG_CODECS):
        raise NotAVoice("cut off, or no audio")
    return "audio/ogg"


# -- WebM (EBML): what browsers record, with clusters of unknown length

EBML, SEGMENT, CLUSTER, TRACKS = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1654AE6B
# what may stand directly in a segment, and in a cluster
IN_SEGMENT = {CLUSTER, TRACKS, 0x114D9B74, 0x1549A966, 0x1C53BB6B, 0x1254C367, 0x1043A770, 0x1941A469}
IN_CLUSTER = {0xE7, 0xA3, 0xA0, 0xA7, 0xAB, 0x5854}
ANYWHERE = {0xEC, 0xBF}  # void, checksum
MASTERS = {SEGMENT, CLUSTER}


def _webm(data: bytes) -> str:
    at, head = 0, b""
    tracks = b""
    level = {EBML}
    while at < len(data):
        element, start, size = _ebml(data, at)
        if element not in level | ANYWHERE:
            raise NotAVoice("an element out of place")
        end = len(data) if size is None else start + size
        if end > len(data) or (size is None and element not in MASTERS):
            raise NotAVoice("cut off")
        if element == EBML:
            head, level = data[start:end], {SEGMENT}
        elif element == SEGMENT:
            if end != len(data):
                raise NotAVoice("something after the end")
            level = IN_SEGMENT
        elif element == CLUSTER:
            level = IN_SEGMENT | IN_CLUSTER
        elif element == TRACKS:
            tracks = data[start:end]
        at = start if element in MASTERS else end
    if b"webm" not in head and b"matroska" not in head:
        raise NotAVoice("not webm")
    if (b"A_OPUS" not in tracks and b"A_VORBIS" not in tracks) or b"V_" in tracks:
        raise NotAVoice("no audio, or a film")
    return "audio/webm"


def _ebml(data: bytes, at: int) -> tuple[int, int, int | None]:
    """(id, start of the content, its size or None for unknown)."""
    element, at = _vint(data, at, keep_marker=True)
    begin = at
    size, at = _vint(data, at, keep_marker=False)
    width = at - begin
    return element, at, None if size == (1 << (7 * width)) - 1 else size


def _vint(data: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    first = data[at] if at < len(data) else 0
    if not first:
        raise NotAVoice("broken number")
    width = 9 - first.bit_length()
    if at + width > len(data):
        raise NotAVoice("cut off")
    value = int.from_bytes(data[at : at + width], "big")
    return value if keep_marker else value & ((1 << (7 * width)) - 1), at + width


# -- MP4, M4A, 3GP

MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"moof", b"mfra", b"sidx",
             b"styp", b"meta", b"udta", b"pdin", b"prft", b"emsg"}  # fmt: skip


def _mp4(data: bytes) -> str:
    at, seen, handlers = 0, set(), b""
    while at < len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        header = 8
        if size == 1:
            size, header = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = len(data) - at
        if size < header or at + size > len(data) or name not in MP4_BOXES:
            raise NotAVoice("broken box")
        if name == b"moov":
            handlers += data[at : at + size]
        seen.add(name)
        at += size
    if b"moov" not in seen or b"soun" not in handlers or b"vide" in handlers:
        raise NotAVoice("no audio, or a film")
    return "audio/mp4"


# -- MP3

BITRATES = {  # kbit/s by (MPEG 1?, layer)
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
SAMPLING = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
LEAST_FRAMES = 3
ID3V1 = 128


def _mp3(data: bytes) -> str:
    at, end, frames = 0, len(data), 0
    while data[at : at + 3] == b"ID3":
        if end - at < 10:
            raise NotAVoice("broken tag")
        size = 0
        for byte in data[at + 6 : at + 10]:
            if byte & 0x80:
                raise NotAVoice("broken tag")
            size = size << 7 | byte
        at += 10 + size + (10 if data[at + 5] & 0x10 else 0)
    if data[-ID3V1 : -ID3V1 + 3] == b"TAG":
        end -= ID3V1
    while at < end:
        length = _mp3_frame(data[at : at + 4])
        if length is None or at + length > end:
            break
        at, frames = at + length, frames + 1
    rest = data[at:end]
    # encoders pad with zeros, and the very last frame may be cut where the recording was
    if frames < LEAST_FRAMES or (rest.strip(b"\0") and _mp3_frame(rest[:4]) is None):
        raise NotAVoice("something that is no sound")
    return "audio/mpeg"


def _mp3_frame(head: bytes) -> int | None:
    """Length of the frame that begins here, or None."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bitrate, sampling, padding = head[2] >> 4, head[2] >> 2 & 3, head[2] >> 1 & 1
    if version == 1 or layer == 4 or bitrate in (0, 15) or sampling == 3:
        return None
    rate = BITRATES[version == 3, layer][bitrate] * 1000
    hertz = SAMPLING[version][sampling]
    if layer == 1:
        return (12 * rate // hertz + padding) * 4
    samples = 72 if layer == 3 and version != 3 else 144
    return samples * rate // hertz + padding


# -- AMR

AMR_NB = (12, 13, 15, 17, 19, 20, 26, 31, 5, None, None, None, None, None, None, 0)
AMR_WB = (17, 23, 32, 36, 40, 46, 50, 58, 60, 5, None, None, None, None, 0, 0)


def _amr(data: bytes) -> str:
    wide = data.startswith(b"#!AMR-WB\n")
    at = 9 if wide else 6
    if at == len(data):
        raise NotAVoice("empty")
    while at < len(data):
        size = (AMR_WB if wide else AMR_NB)[data[at] >> 3 & 15]
        if size is None or data[at] & 0x83:
            raise NotAVoice("broken frame")
        at += 1 + size
    if at != len(data):
        raise NotAVoice("cut off")
    return "audio/amr-wb" if wide else "audio/amr"


Walk = tuple[Callable[[bytes], bool], Callable[[bytes], str]]
WALKS: tuple[Walk, ...] = (
    (lambda data: data[:4] == b"RIFF" and data[8:12] == b"WAVE", _wav),
    (lambda data: data[:4] == b"OggS", _ogg),
    (lambda data: data[:4] == b"\x1a\x45\xdf\xa3", _webm),
    (lambda data: data[4:8] == b"ftyp", _mp4),
    (lambda data: data[:6] == b"#!AMR\n" or data[:9] == b"#!AMR-WB\n", _amr),
    (lambda data: data[:3] == b"ID3" or _mp3_frame(data[:4]) is not None, _mp3),
)
