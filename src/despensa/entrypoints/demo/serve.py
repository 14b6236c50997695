"""
Serve the office of the demo: open at once, and the main job is played while people look on.

Ctrl-C or SIGTERM end it; nothing is left behind.
"""

import os
import threading
from collections.abc import Callable
from urllib.parse import quote

from django.core.wsgi import get_wsgi_application

from despensa.entrypoints.demo.people import Player
from despensa.entrypoints.demo.stage import Stage
from despensa.entrypoints.jobs import worker
from despensa.entrypoints.jobs.wallet import ADDRESS_VARIABLE
from despensa.entrypoints.office.demonstration import Actor, demonstration
from despensa.entrypoints.second_factor import current_code
from despensa.entrypoints.serving import served

STEPS = 9
Tell = Callable[[str], None]


def serve(stage: Stage, port: int, tell: Tell, show: Callable[[dict[str, object]], None]) -> None:
    """Serve until the process is told to end; `show` is given the main job's report."""
    players = list(stage.cast.values())
    demonstration.begin([_actor(player) for player in players], steps=STEPS)
    with served(get_wsgi_application(), port) as chosen:
        if chosen != port:
            tell(f"port {port} is in use; taking {chosen}")
        # identity cards for phones name their issuer; here it is this machine, for wallets on it
        os.environ.setdefault(ADDRESS_VARIABLE, f"http://localhost:{chosen}")
        _welcome(stage, players, chosen, tell)
        _play(stage, tell, show)
        tell(_last_lines(stage))
        worker.start(stage.tools)
        try:
            threading.Event().wait()
        finally:
            worker.stop()


def _play(stage: Stage, tell: Tell, show: Callable[[dict[str, object]], None]) -> None:
    def told(step: str) -> None:
        demonstration.tell(step)
        tell(step)

    stage.job.tell = told
    try:
        show(stage.play())
    except Exception as error:
        demonstration.end(problem=str(error))
        raise
    demonstration.end()


def _welcome(stage: Stage, players: list[Player], port: int, tell: Tell) -> None:
    address = f"http://localhost:{port}"
    tell("")
    tell(f"The office is open: {address}/")
    tell(f"Sign in with one step, and read fresh codes: {address}{_stage_door()}")
    tell("")
    tell("Or sign in by hand; add the key to an authenticator app, or use the code shown now:")
    for player in players:
        tell(
            f"  {player.username:<6} {player.password:<28} code "
            f"{current_code(player.totp_secret)}  {player.roles[0].replace('_', ' ')}"
        )
        tell(f"         {_otpauth(player)}")
    tell("")
    tell(f"Workspace: {stage.tools.workspace.folder}")
    tell("")


def _last_lines(stage: Stage) -> str:
    return (
        f"\nThe main job is done. Card sheet: {stage.job.sheet}\n"
        f"Workspace: {stage.tools.workspace.folder}\n"
        "Ctrl-C stops and forgets."
    )


def _stage_door() -> str:
    return f"/demonstration/{demonstration.token}/"


def _otpauth(player: Player) -> str:
    """Return the address an authenticator app reads. Source: Google Authenticator Key URI Format."""
    label = quote(f"Despensa demo:{player.username}")
    return f"otpauth://totp/{label}?secret={player.totp_secret}&issuer=Despensa%20demo"


def _actor(player: Player) -> Actor:
    return Actor(
        username=player.username,
        name=player.name,
        role=player.roles[0].value,
        password=player.password,
        totp_secret=player.totp_secret,
    )
