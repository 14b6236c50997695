"""`despensa bench`: speed and memory, each figure with its limit from the same run."""

import json
from pathlib import Path
from typing import Annotated

import typer

from despensa.entrypoints.cli.opened import JsonOption, tell

app = typer.Typer(
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Measure speed and memory in a workspace filled with invented people.",
)

FolderOption = Annotated[
    Path | None,
    typer.Option("--workspace", help="Keep the workspace here and use it again; else throw away."),
]
SeedOption = Annotated[int, typer.Option(help="The same seed invents the same people.")]


PeopleOption = Annotated[int, typer.Option(min=1, help="How many people.")]


@app.command()
def data(
    *,
    people: PeopleOption = 1_000_000,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Fill a workspace with invented people; keep it with --workspace for `bench decide`.

    Areas, households, people with dated memberships, six catalogue facts, one card a household
    with its link in the keeper. Names, documents and phones stay empty.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.data import bench_data

        figures = bench_data(opened, people, seed=seed).as_json()
    _show(figures, as_json=as_json)


@app.command()
def decide(
    *,
    people: PeopleOption = 1_000_000,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Freeze, decide and open one cycle over the whole register, as the office does.

    An empty workspace is filled first, which is not counted.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.decide import bench_decide

        figures = bench_decide(opened, people, seed=seed).as_json()
    _show(figures, as_json=as_json)


@app.command()
def preview(
    *,
    people: PeopleOption = 1_000_000,
    drafts: Annotated[int, typer.Option(min=1, max=50, help="How many drafts.")] = 5,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Count drafts of a rule over the whole register, as the office does while one is written.

    An empty workspace is filled first, which is not counted.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.preview import bench_preview

        figures = bench_preview(opened, people, drafts=drafts, seed=seed).as_json()
    _show(figures, as_json=as_json)


@app.command()
def redeem(
    *,
    redemptions: Annotated[int, typer.Option(min=1, help="How many.")] = 300_000,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Merge events of phones: redemptions, transfers, evidence and leaves.

    The events are written into the inbox first, which is not counted: copies of one signed
    event, as long as real ones, whose signatures do not verify.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.redeem import bench_redeem

        figures = bench_redeem(opened, redemptions, seed=seed).as_json()
    _show(figures, as_json=as_json)


@app.command()
def sync(
    *,
    events: Annotated[int, typer.Option(min=1, help="How many events.")] = 120_000,
    seconds: Annotated[
        int, typer.Option(min=1, max=600, help="How long the steady sending goes on.")
    ] = 60,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Send signed events over HTTP, from the request to the accepted redemption.

    First as quickly as they go, in batches of 100; then 60 batches a second, and 100 single ones a
    second. Phones, servers, merging and the load generator share this machine.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.sync import bench_sync

        figures = bench_sync(opened, events, seconds=seconds, seed=seed).as_json()
    _show(figures, as_json=as_json)


@app.command(name="import")
def import_(
    *,
    people: PeopleOption = 200_000,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Take a register file of invented people in, from its bytes to the committed register.

    The file is in our own template and is written first, which is not counted.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.take_in import bench_import

        figures = bench_import(opened, people, seed=seed).as_json()
    _show(figures, as_json=as_json)


@app.command()
def ledger(
    *,
    transfers: Annotated[int, typer.Option(min=1, help="How many in batches.")] = 400_000,
    singles: Annotated[int, typer.Option(min=8, help="How many one by one.")] = 20_000,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Post transfers in batches of 2,000, then one by one from eight clients.

    The limit is pgbench's tpcb-like on the same server, where pgbench is there.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.ledger import bench_ledger

        figures = bench_ledger(opened, transfers, singles, seed=seed)
    _show(figures, as_json=as_json)


@app.command()
def search(
    *,
    people: PeopleOption = 1_000_000,
    searches: Annotated[int, typer.Option(min=1, help="How many searches.")] = 600,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Search people by name, document and phone as the office does, access entry included.

    An empty workspace is filled first, and people without names are named; neither is counted.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.search import bench_search

        figures = bench_search(opened, people, searches=searches, seed=seed).as_json()
    _show(figures, as_json=as_json)


@app.command()
def dedup(
    *,
    people: PeopleOption = 1_000_000,
    file_people: Annotated[
        int, typer.Option(min=1, help="How many people a file has that fills the workspace.")
    ] = 1_000_000,
    workspace: FolderOption = None,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Search the whole register for people registered twice, opening their names on the way.

    An empty workspace is filled by imports first, which are not counted, and one whose filling broke
    off goes on; one person in a hundred is written twice.
    """
    from despensa.entrypoints.bench import ground

    with ground.opened(workspace, tell) as opened:
        from despensa.entrypoints.bench.dedup import bench_dedup

        figures = bench_dedup(opened, people, file_people=file_people, seed=seed)
    _show(figures, as_json=as_json)


@app.command()
def card(
    *,
    cards: Annotated[int, typer.Option(min=100, help="How many cards.")] = 20_000,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Sign and encode cards, draw their codes, derive their tags and verify them, on one core.

    Every rate stands beside its ratio to the bare work of the same run; needs no workspace.
    """
    from despensa.entrypoints.bench.card import bench_card

    _show(bench_card(cards, seed=seed, tell=tell), as_json=as_json)


@app.command()
def statuslist(
    *,
    entries: Annotated[int, typer.Option(min=1, help="How many places.")] = 18_000_000,
    revoked: Annotated[
        int, typer.Option(min=0, max=1000, help="How many of a thousand are revoked, at random.")
    ] = 10,
    seed: SeedOption = 2026,
    as_json: JsonOption = False,
) -> None:
    """
    Pack, compress and sign a status list in both of its forms; needs no workspace.

    Limit: the same packed bytes through zlib at its highest level.
    """
    from despensa.entrypoints.bench.statuslist import bench_statuslist

    figures = bench_statuslist(entries, revoked_per_thousand=revoked, seed=seed, tell=tell)
    _show(figures, as_json=as_json)


@app.command()
def match(
    left: Annotated[Path, typer.Argument(metavar="A", help="A list of people as a CSV file.")],
    right: Annotated[
        Path | None, typer.Argument(metavar="[B]", help="Another list; without it A within itself.")
    ] = None,
    *,
    out: Annotated[Path, typer.Option(help="Where to write the pairs as CSV.")],
    map_path: Annotated[
        Path | None,
        typer.Option("--map", help="What the columns mean, as YAML or JSON; else it is guessed."),
    ] = None,
    least: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Write pairs of at least this probability.")
    ] = 0.5,
    memory: Annotated[int, typer.Option(min=256, help="MiB that may be used.")] = 4096,
    as_json: JsonOption = False,
) -> None:
    """
    Match two plain lists, or find the people one list holds twice; never the register.

    Writes left_id,right_id,probability,reason. The meaning of columns is guessed from their headers
    and values and told with --json; nothing has to be trained.
    """
    from despensa.entrypoints.bench.match import bench_match

    lists = (left,) if right is None else (left, right)
    figures = bench_match(lists, map_path, out, least=least, memory=memory, tell=tell)
    _show(figures, as_json=as_json)


def _show(figures: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for name, value in figures.items():
        typer.echo(f"{name}: {value}")
