"""QR codes through zxing-cpp: drawn for printing, and read from pages and photographs."""

from despensa.adapters.qr.reading import PictureError, read_images
from despensa.adapters.qr.zxing import ZxingCodes, code_rows_all, screen_svg

__all__ = ["PictureError", "ZxingCodes", "code_rows_all", "read_images", "screen_svg"]
