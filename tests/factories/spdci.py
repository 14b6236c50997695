"""
Holding messages against the standard's own file: OpenAPI 3.0 read as JSON Schema.

Traps of social_api_v1.0.0, each seen by a test of the partners' door:
- `info` has no version (it stands inside the description), so that OpenAPI readers refuse the file;
- the form of a transaction's status is a reference into an `example`;
- a whole number as a value fits `integer` and `number`, of which exactly one may fit;
- `locale` wants three letters while its own example has two;
- a `notify` has one record as an object where a search has a list.
"""

from pathlib import Path

import yaml
from jsonschema import Draft7Validator, FormatChecker
from jsonschema.exceptions import ValidationError

NAME = "schemas/spdci/social_api_v1.0.0.yaml"
# jsonschema knows no date-time without a further library
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    from despensa.domain.partner.request import seconds

    return not isinstance(value, str) or seconds(value) is not None


class Standard:
    """The standard's file: what goes to an address and what comes from it."""

    def __init__(self, folder: Path) -> None:
        self.document = yaml.safe_load((folder / NAME).read_text(encoding="utf-8"))

    def faults(self, value: object, *path: str) -> list[str]:
        """Return what is wrong with a value, by a schema at a place of the document."""
        schema = self.document
        for step in path:
            schema = schema[int(step) if isinstance(schema, list) else step]
        if "$ref" in schema and path[-1] != "schema":
            return self.faults(value, *schema["$ref"].removeprefix("#/").split("/"))
        whole = {**self.document, **schema}
        checker = Draft7Validator(whole, format_checker=_FORMATS)
        return [self._said(error) for error in checker.iter_errors(value)]

    def request_faults(self, path: str, value: object) -> list[str]:
        """Return what is wrong with a request to an address."""
        return self.faults(
            value, "paths", path, "post", "requestBody", "content", "application/json", "schema"
        )

    def answer_faults(self, path: str, status: int, value: object) -> list[str]:
        """Return what is wrong with an answer of an address."""
        answers = self.document["paths"][path]["post"]["responses"]
        named = answers.get(str(status), answers["default"])
        if "$ref" in named:
            named = self.document["components"]["responses"][named["$ref"].rpartition("/")[2]]
        whole = {**self.document, **named["content"]["application/json"]["schema"]}
        checker = Draft7Validator(whole, format_checker=_FORMATS)
        return [self._said(error) for error in checker.iter_errors(value)]

    @staticmethod
    def _said(error: ValidationError) -> str:
        inner = "; ".join(one.message[:200] for one in error.context or ())
        return f"{error.json_path}: {error.message[:200]} {inner}"
