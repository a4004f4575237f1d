"""Pictures and files of the replica, made from their address alone: nothing is stored."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from csu_news.replica.chance import mix

# /__local/A/1B/2C/3D4E5F60718293A4B5C6D7E8F90_00001F40_2A.png
_LOCAL = re.compile(
    r"/__local/([0-9A-F])/([0-9A-F]{2})/([0-9A-F]{2})/([0-9A-F]{27})_([0-9A-F]{8})_[0-9A-F]+\.(png|jpg|pdf)"
)
TYPES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def local_path(seed: int, number: int, extension: str) -> str:
    """Return the address of file `number` as VSB writes them: a hash cut in pieces, and two numbers."""
    digits = f"{mix(seed, number):016X}{mix(seed ^ 0x77, number):016X}"
    name = f"{digits[5:32]}_{number:08X}_{number % 9973 + 2048:X}.{extension}"
    return f"/__local/{digits[0]}/{digits[1:3]}/{digits[3:5]}/{name}"


def download_path(owner: int, file_id: int) -> str:
    """Return the address of an attachment."""
    return f"/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner={owner}&wbfileid={file_id}"


def local_file(seed: int, path: str) -> bytes | None:
    """Return the bytes behind an address that `local_path` made, None for any other."""
    match = _LOCAL.fullmatch(path)
    if match is None:
        return None
    number, extension = int(match[5], 16), match[6]
    if path != local_path(seed, number, extension):
        return None
    return make_file(mix(seed, number), extension, f"Document {number}")


def make_file(bits: int, extension: str, title: str) -> bytes:
    """Return a small, valid file of that type."""
    if extension == "png":
        return _png(bits)
    if extension == "jpg":
        return _jpeg(bits)
    return _pdf(title) if extension == "pdf" else _docx(title)


def _png(bits: int, width: int = 96, height: int = 64) -> bytes:
    """Return a landscape of two colours: sky above, ground below a sloping line."""
    sky = bytes((150 + (bits & 63), 180 + (bits >> 8 & 31), 215 + (bits >> 16 & 31)))
    ground = bytes((60 + (bits >> 24 & 63), 90 + (bits >> 32 & 63), 50 + (bits >> 40 & 31)))
    slope, level = (bits >> 48) % 3 - 1, 20 + (bits >> 52) % 24
    rows = bytearray()
    for y in range(height):
        part = max(0, min(width, (level - y) * 8 + width // 2)) if slope else (width if y < level else 0)
        row = sky * part + ground * (width - part)
        rows += b"\0" + (row if slope >= 0 else row[::-1])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(bytes(rows), 6)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _jpeg(bits: int, columns: int = 12, rows: int = 8) -> bytes:
    """Return a grey mosaic: baseline JPEG with only the mean of each 8 by 8 block."""
    size = struct.pack(">BHHB", 8, rows * 8, columns * 8, 1)
    sizes, dc_values = bytes([0, 0, 0, 12] + [0] * 12), bytes(range(12))  # twelve codes of four bits
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            _segment(0xDB, b"\0" + b"\x08" * 64),
            _segment(0xC0, size + b"\1\x11\0"),
            _segment(0xC4, b"\0" + sizes + dc_values),
            _segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"),  # one code, `0`: end of block
            _segment(0xDA, b"\1\1\0\0\x3f\0"),
            _scan(bits, columns * rows),
            b"\xff\xd9",
        )
    )


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _scan(bits: int, blocks: int) -> bytes:
    """Return the entropy coded differences of the blocks' grey levels."""
    out, last = [], 0
    for block in range(blocks):
        level = mix(bits, block) % 200 - 100
        difference, last = level - last, level
        length = abs(difference).bit_length()
        out.append(f"{length:04b}")
        if length:
            out.append(format(difference if difference > 0 else difference + (1 << length) - 1, f"0{length}b"))
        out.append("0")
    text = "".join(out)
    text += "1" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big").replace(b"\xff", b"\xff\0")


def _pdf(title: str) -> bytes:
    """Return a PDF of one page that shows its title."""
    stream = f"BT /F1 18 Tf 40 760 Td ({title}) Tj ET".encode("ascii", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        table,
        len(out),
    )


def _docx(title: str) -> bytes:
    """Return a Word document of one paragraph, the same bytes each time."""
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = TYPES["docx"] + ".main+xml"
    relation = "application/vnd.openxmlformats-package.relationships+xml"
    members = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        f'<Default Extension="rels" ContentType="{relation}"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="rId1" Type="{office}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'<w:document xmlns:w="{word}"><w:body><w:p>'
        f"<w:r><w:t>{title}</w:t></w:r></w:p></w:body></w:document>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), text)
    return buffer.getvalue()
