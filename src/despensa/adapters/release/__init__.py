"""Packages for auditors as sealed files."""

from despensa.adapters.release.sealed_package import (
    OpenedPackage,
    PackageDamaged,
    opened_package,
    write_package,
)

__all__ = ["OpenedPackage", "PackageDamaged", "opened_package", "write_package"]
