"""Answers that go out to partners by https."""

from despensa.adapters.callback.https import HttpsCallback

__all__ = ["HttpsCallback"]
