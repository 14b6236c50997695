"""Seeds run one by one, each to its end; what fails says how to play it again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from despensa.entrypoints.simulate import checks
from despensa.entrypoints.simulate.phone import Crash, Phone
from despensa.entrypoints.simulate.plants import Plant
from despensa.entrypoints.simulate.world import STEPS, World

ROUNDS_MAX = 60
MERGED_AT_ONCE = 40


@dataclass(frozen=True, slots=True)
class Violation:
    """A check that failed in a seed, and when."""

    seed: int
    phones: int
    step: int
    check: str
    detail: str

    @property
    def replay(self) -> str:
        """Return the line that plays it again."""
        words = f"--first-seed {self.seed} --seeds 1 --phones {self.phones} --exactly --no-plants"
        return f"despensa simulate {words}"


def run_seed(seed: int, phones: int, plant: Plant | None = None) -> list[Violation]:
    """Return what went wrong in one seed; the first step at which something did ends it."""
    world = World(seed, phones, plant)
    for step in range(STEPS):
        world.step()
        faults = checks.after_step(world)
        if faults:
            return [Violation(seed, phones, step, *fault) for fault in faults]
    heal(world)
    faults = [*checks.after_step(world), *checks.at_the_end(world)]
    return [Violation(seed, phones, STEPS, *fault) for fault in faults]


def heal(world: World) -> None:
    """End every fault, and let phones and office go on until nothing is left to do."""
    world.heal()
    for _ in range(ROUNDS_MAX):
        before = _progress(world)
        for phone in list(world.phones):
            try:
                _round(world, phone)
            except Crash:
                phone.restart()
        while world.office.books.inbox:
            world.office.merge(MERGED_AT_ONCE)
        world.office.back_up()
        if _progress(world) == before:
            return


def _round(world: World, phone: Phone) -> None:
    world.ask(phone)
    batch = phone.batch()
    answer = None if batch is None else world.office.receive(batch)
    if answer is not None:
        phone.answered(answer)


def _progress(world: World) -> tuple[object, ...]:
    return (
        len(world.office.log),
        [(len(phone.unsent), len(phone.disk.journal)) for phone in world.phones],
    )


def violations(
    seeds: range,
    phones: int,
    *,
    is_exact: bool = False,
    tell: Callable[[int], object] = lambda _: None,
) -> Iterator[Violation]:
    """Yield every violation; how many phones a point has goes round from 1, unless exact."""
    for seed in seeds:
        tell(seed)
        yield from run_seed(seed, phones if is_exact else 1 + seed % phones)


def caught(plant: Plant, seeds: range, phones: int) -> Violation | None:
    """Return where a planted fault was caught by its own check, None when it never was."""
    for seed in seeds:
        for violation in run_seed(seed, 1 + seed % phones, plant):
            if violation.check == plant.check:
                return violation
    return None
