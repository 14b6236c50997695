"""The rule files that come with Despensa, as texts."""

from importlib import resources

SHIPPED = ("food-parcel", "household-support")


def shipped_text(name: str) -> str:
    return resources.files("despensa.data").joinpath(f"rules/{name}.yaml").read_text("utf-8")
