"""The commands about money, for the trial of scopes: arguments and kind, or why there is no probe."""

NO_PROBE = "tried below: what it is about is in a file, or the whole workspace"
_NONE = "a list, statement or payment, of which there is none here: tried in jobs/test_paying.py"
_DRAFT = ("--provider", "b", "--currency", "EUR", "--pay-on", "2026-12-01")
PAYMENTS = {
    "payment provider": "a provider is everybody's and about nobody",
    "payment payee": (lambda t: [str(t.person), "--provider", "b"], "village"),
    "payment confirm": (lambda t: [str(t.person)], "village"),
    "payment draft": (lambda t: [str(t.cycle), *_DRAFT], "programme"),
    **dict.fromkeys(
        (
            "payment approve", "payment list", "payment tasks", "payment file", "payment statement",
            "payment lines", "payment resolve",
        ),
        _NONE,
    ),
}  # fmt: skip
