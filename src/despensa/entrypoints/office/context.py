"""What every template may use beside its page: nothing that names a person."""

from django.http import HttpRequest


def chrome(_request: HttpRequest) -> dict[str, object]:
    """Return the languages' menu and the product's name."""
    return {"product_name": "Despensa"}
