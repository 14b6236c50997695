"""What every test can use: no network, one settings module, the browser, the shared samples."""

import importlib.util
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.browser import find_browser, watch

ROOT = Path(__file__).resolve().parent.parent

pytest_plugins = ["tests.no_network"]
if (ROOT / "tests" / "database_fixture.py").exists():
    pytest_plugins += ["tests.database_fixture", "tests.workspace_fixture", "tests.office_fixture"]

# Set here and not in pyproject.toml: tests of the domain also run where Django is absent.
if importlib.util.find_spec("django") and (ROOT / "src/despensa/config/settings.py").exists():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "despensa.config.settings")

# Built on the profile in force, which is Hypothesis' own for CI where CI is set. No test is timed:
# a machine with other work must not fail one.
settings.register_profile(
    "despensa", settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
)
settings.load_profile("despensa")

_LEFT_OUT = pytest.StashKey[str]()
_skipped_browser_tests: list[str] = []


def _nothing_may_be_left_out() -> bool:
    return os.environ.get("DESPENSA_NOTHING_LEFT_OUT") == "1"


def pytest_configure():
    """Refuse to begin where a browser is needed and there is none."""
    if _nothing_may_be_left_out() and not find_browser():
        raise pytest.UsageError("no Chromium found, and no browser test may be left out here")


@pytest.fixture(scope="session")
def shared_samples() -> Path:
    """The folder of real sample files: DESPENSA_SHARED, else `shared` beside the checkout."""
    folder = Path(os.environ.get("DESPENSA_SHARED", ROOT.parent / "shared"))
    if not (folder / "samples").is_dir():
        pytest.skip(f"no sample files at {folder}: set DESPENSA_SHARED to their folder")
    return folder / "samples"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Start the Chromium that was found, not the one Playwright would fetch."""
    return {**browser_type_launch_args, "executable_path": find_browser()}


@pytest.fixture
def page(page):
    """A page that fails its test when it breaks its policy, raises, or asks another machine."""
    problems = watch(page)
    yield page
    assert not problems, "\n".join(problems)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    """Mark browser tests by what they use, and leave them out where there is no browser."""
    for item in items:
        if {"page", "browser", "context", "new_context"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
    with_browser = [item for item in items if item.get_closest_marker("browser")]
    if not with_browser or find_browser():
        return
    items[:] = [item for item in items if item not in with_browser]
    config.hook.pytest_deselected(items=with_browser)
    files = sorted({item.location[0] for item in with_browser})
    config.stash[_LEFT_OUT] = (
        f"left out: {len(with_browser)} browser tests ({', '.join(files)}), because no chromium or "
        "google-chrome was found. On Debian: sudo apt-get install chromium"
    )


def pytest_runtest_logreport(report):
    """Remember browser tests that skipped themselves."""
    if report.skipped and "browser" in report.keywords:
        _skipped_browser_tests.append(report.nodeid)


def pytest_sessionfinish(session):
    """Fail where nothing may be left out and a browser test was."""
    if hasattr(session.config, "workeroutput") and _LEFT_OUT in session.config.stash:
        session.config.workeroutput["left_out"] = session.config.stash[_LEFT_OUT]
    if _nothing_may_be_left_out() and _skipped_browser_tests:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    """Hear from a worker process what it left out; every worker leaves out the same."""
    if left_out := getattr(node, "workeroutput", {}).get("left_out"):
        node.config.stash[_LEFT_OUT] = left_out


def pytest_terminal_summary(terminalreporter, config):
    """Say in one line what was left out."""
    if _LEFT_OUT in config.stash:
        terminalreporter.write_line(config.stash[_LEFT_OUT])
    if _nothing_may_be_left_out() and _skipped_browser_tests:
        names = ", ".join(_skipped_browser_tests)
        terminalreporter.write_line(f"failed: browser tests were skipped: {names}")
