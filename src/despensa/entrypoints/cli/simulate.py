"""`despensa simulate`: points, phones and an office against everything that befalls them."""

from typing import Annotated, Any

import typer

from despensa.entrypoints.cli.showing import JsonOption, show, tell

app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)

PLANTED_SEEDS = 60
_TOLD_EVERY = 50


@app.command()
def simulate(
    *,
    seeds: Annotated[int, typer.Option(min=1, help="How many seeds are played.")] = 300,
    phones: Annotated[int, typer.Option(min=1, max=4, help="At most so many a point.")] = 4,
    first_seed: Annotated[int, typer.Option(min=0, help="Where to begin.")] = 0,
    exactly: Annotated[
        bool, typer.Option("--exactly", help="Every seed with just so many phones a point.")
    ] = False,
    plants: Annotated[bool, typer.Option(help="Also plant every fault, and see it caught.")] = True,
    as_json: JsonOption = False,
) -> None:
    """
    Play seeds to their end and check what must hold; a seed that fails says how to replay it.

    Exit code 1 when a check failed, or a planted fault was not caught by its own check.
    """
    from despensa.entrypoints.simulate.plants import Plant
    from despensa.entrypoints.simulate.run import caught, violations

    def heard(seed: int) -> None:
        if seed % _TOLD_EVERY == 0:
            tell(f"seed {seed}")

    span = range(first_seed, first_seed + seeds)
    found = list(violations(span, phones, is_exact=exactly, tell=heard))
    for violation in found:
        tell(f"{violation.check}: {violation.detail}\n  {violation.replay}")
    planted = {
        plant.name.lower(): caught(plant, range(PLANTED_SEEDS), phones) is not None
        for plant in (Plant if plants else ())
    }
    value: dict[str, Any] = {
        "seeds": seeds,
        "violations": len(found),
        "first_failing_seed": found[0].seed if found else None,
        "planted_caught": sum(planted.values()),
        "planted": len(planted),
    }
    missed = [name for name, is_caught in planted.items() if not is_caught]
    text = f"{seeds} seeds, {len(found)} violations; {sum(planted.values())} of {len(planted)} "
    text += "planted faults caught" + (f", not: {', '.join(missed)}" if missed else "")
    show(value, as_json=as_json, text=text)
    if found or missed:
        raise typer.Exit(1)
