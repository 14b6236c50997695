"""
What the office knows of a running demonstration: who is on stage, and how far the play is.

Nothing of it exists outside `despensa demo`: the stage door answers 404 then.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """One invented member of staff with what is needed to sign in as them."""

    username: str
    name: str
    role: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)


@dataclass(slots=True)
class Demonstration:
    """The demonstration of this process; `token` opens the stage door and dies with it."""

    is_running: bool = False
    token: str = field(default="", repr=False)
    actors: Sequence[Actor] = ()
    step: str = ""
    done: int = 0
    steps: int = 1
    problem: str = ""

    @property
    def is_playing(self) -> bool:
        """Return whether the main job is still being played."""
        return self.is_running and self.done < self.steps

    def begin(self, actors: Sequence[Actor], *, steps: int) -> None:
        """Open the stage door for these actors."""
        self.is_running, self.actors, self.steps = True, actors, steps
        self.token = secrets.token_urlsafe(16)

    def tell(self, step: str) -> None:
        """Say what is being done."""
        self.step = step
        self.done = min(self.done + 1, self.steps - 1)

    def end(self, problem: str = "") -> None:
        """Say that the play is over."""
        self.done, self.problem = self.steps, problem

    def lets_in(self, token: str) -> bool:
        """Return whether a token opens the stage door."""
        return self.is_running and secrets.compare_digest(token.encode(), self.token.encode())


demonstration = Demonstration()
