"""Scanning: the text of the QR code in an image, as a reader's camera sees it: turned, scaled, noisy, among others.

zxing-cpp is the decoder. Source: EC-QH 3.3 for the symbol; readers differ, so that only the text goes on.
"""

from __future__ import annotations

from io import BytesIO

import zxingcpp
from PIL import Image, ImageFile, ImageFilter, UnidentifiedImageError

from reference.languages import Text, say

QR_CODE = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
LARGEST = 40_000_000
"""Pixels of an image at most. Source: decision, a camera's picture with room to spare."""


class UnreadableImage(Exception):
    """Not an image, or one without exactly one QR code; ``text`` says which."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def scan(image: bytes) -> str:
    """The text of the one QR code in an image file (PNG, JPEG). Raises UnreadableImage."""
    try:
        opened = Image.open(BytesIO(image), formats=("PNG", "JPEG"))
        if opened.width * opened.height > LARGEST:
            raise UnreadableImage(say("the image is too large"))
        grey = _grey(opened)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UnreadableImage(say("this is no image that can be read")) from error
    for picture in (grey, grey.filter(ImageFilter.MedianFilter(3))):
        found = {code.text for code in zxingcpp.read_barcodes(picture, formats=QR_CODE)}
        if len(found) > 1:
            raise UnreadableImage(say("there are several codes in the image: show one"))
        if found:
            return found.pop()
    raise UnreadableImage(say("there is no QR code in the image"))


def _grey(opened: Image.Image) -> Image.Image:
    """The picture in grey. Raises OSError for one that is cut short."""
    # Some libraries let Pillow fill up what is missing, for the whole process.
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        return opened.convert("L")
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient
