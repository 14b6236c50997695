"""`despensa keys`: the public keys with which anybody checks cards, receipts and the log."""

import typer

from despensa.entrypoints import wiring
from despensa.entrypoints.cli.opened import JsonOption, WorkspaceOption, found_workspace, show

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command()
def keys(*, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Print the public keys: issuer of cards, authority behind receipts and phones, log."""
    tools = wiring.open_tools(found_workspace(workspace))
    public = tools.keeper.signatory.public_keys()
    value = {
        "issuer": public.issuer.hex(),
        "authority": public.authority.hex(),
        "log": tools.log_vkey,
    }
    text = "\n".join(f"{name}: {key}" for name, key in value.items())
    show(value, as_json=as_json, text=text)
