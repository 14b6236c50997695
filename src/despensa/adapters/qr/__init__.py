"""QR codes through zxing-cpp: drawn for printing, and read from pages and photographs."""

from despensa.adapters.qr.reading import PictureError, read_images
from despensa.adapters.qr.zxing import ZxingCodes

__all__ = ["PictureError", "ZxingCodes", "read_images"]
