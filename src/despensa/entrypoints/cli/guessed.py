"""What the system says about where it stands: country, time zone and language, as a first word."""

import os
import zoneinfo
from pathlib import Path

from despensa.domain.registration.country import countries
from despensa.entrypoints.cli.opened import tell

_LANGUAGES = ("en", "es", "ar", "fr", "pt")


def country() -> str | None:
    """Return the country of the system's locale (`es_VE.UTF-8` to VE), or None."""
    territory = _locale().partition(".")[0].partition("_")[2].upper()
    if territory not in countries():
        return None
    tell(f"country {territory}, from the system's locale; another one: --country")
    return territory


def time_zone() -> str:
    """Return the system's time zone, else UTC."""
    zone = os.environ.get("TZ", "").lstrip(":")
    local = Path("/etc/localtime")
    if not zone and local.is_symlink():
        zone = str(local.resolve()).partition("zoneinfo/")[2]
    if zone not in zoneinfo.available_timezones():
        zone = "UTC"
    tell(f"time zone {zone}, from the system; another one: --time-zone")
    return zone


def language() -> str:
    """Return the language of the system's locale if the office speaks it, else English."""
    code = _locale().partition(".")[0].partition("_")[0].lower()
    return code if code in _LANGUAGES else "en"


def _locale() -> str:
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return next((os.environ[name] for name in names if os.environ.get(name)), "")
