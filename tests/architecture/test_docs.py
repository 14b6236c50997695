"""The documents are true: settings, commands, files, links, dependencies, reasons, figures."""

import ast
import importlib.util
import re
import tomllib
from itertools import chain
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGE, ROOT, modules, tracked

DOCS = ROOT / "docs"
SETTING = re.compile(r"^DESPENSA_[A-Z][A-Z_]*$")
RUNTIME_PACKAGES_MAX = 60


def text_of(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def settings_in_code() -> set[str]:
    return {
        node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and SETTING.match(node.value)
    }


def test_every_setting_is_documented():
    documented = set(re.findall(r"`(DESPENSA_[A-Z_]+)`", text_of("docs/reference/settings.md")))

    assert not settings_in_code() - documented


def test_every_documented_setting_exists():
    page = text_of("docs/reference/settings.md")
    documented = set(re.findall(r"^\| `(DESPENSA_[A-Z_]+)`", page, re.MULTILINE))
    elsewhere = "".join(
        path.read_text(encoding="utf-8")
        for path in tracked("tests/*.py", ".ci/run")
        if path != Path(__file__)
    )

    unknown = {name for name in documented - settings_in_code() if name not in elsewhere}
    assert not unknown


@pytest.fixture(scope="module")
def make_reference():
    specification = importlib.util.spec_from_file_location(
        "make_reference", DOCS / "make_reference.py"
    )
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_command_line_reference_is_what_the_commands_say(make_reference):
    assert text_of("docs/reference/cli.md") == make_reference.render(), "run `make docs`"


def test_the_page_of_roles_is_what_the_roles_are(make_reference):
    assert text_of("docs/reference/roles.md") == make_reference.render_roles(), "run `make docs`"


def test_the_files_the_architecture_names_exist():
    named = re.findall(
        r"`([\w./-]+(?:/|\.py|\.md|\.toml|\.yaml|\.json|\.typ))`", text_of("ARCHITECTURE.md")
    )

    assert named
    missing = [name for name in named if not ((ROOT / name).exists() or (PACKAGE / name).exists())]
    assert not [name for name in missing if name != "src/despensa/"]


@pytest.mark.parametrize("document", tracked("*.md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document):
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))

    broken = [
        target
        for target in targets
        if "://" not in target
        and not target.startswith("mailto:")
        and not (document.parent / target).exists()
    ]
    assert not broken


def runtime_packages() -> set[str]:
    """Every package a user's installation may resolve to, on any platform."""
    lock = tomllib.loads(text_of("uv.lock"))
    packages: dict[str, list[dict]] = {}
    for package in lock["package"]:
        packages.setdefault(package["name"], []).append(package)
    found: set[tuple[str, tuple[str, ...]]] = set()
    waiting = [("despensa", ())]
    while waiting:
        name, extras = waiting.pop()
        for package in packages[name]:
            needed = list(package.get("dependencies", []))
            for extra in extras:
                needed += package.get("optional-dependencies", {}).get(extra, [])
            for one in needed:
                key = (one["name"], tuple(one.get("extra", ())))
                if key not in found:
                    found.add(key)
                    waiting.append(key)
    return {name for name, _extras in found}


def test_at_most_sixty_packages_are_installed_for_a_user():
    packages = runtime_packages()

    assert "django" in packages
    assert len(packages) <= RUNTIME_PACKAGES_MAX, sorted(packages)
    assert f"They are {len(packages)} today." in text_of("docs/dependencies.md")


def test_every_direct_dependency_has_its_line_and_no_line_is_left_over():
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    lines = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    direct = {re.match(r"[A-Za-z0-9._-]+", line)[0] for line in lines}

    described = set(
        re.findall(r"^\| `([A-Za-z0-9._-]+)` \|", text_of("docs/dependencies.md"), re.MULTILINE)
    )

    assert described == direct


def test_the_dependencies_page_names_the_locked_releases():
    lock = {package["name"]: package for package in tomllib.loads(text_of("uv.lock"))["package"]}
    lines = re.findall(
        r"^\| `([\w.-]+)` \|[^|]*\| ([\d.]+),", text_of("docs/dependencies.md"), re.MULTILINE
    )

    assert lines
    assert dict(lines) == {name: lock[name]["version"] for name, _version in lines}


def test_every_reason_of_refusal_is_in_the_formats_by_number_and_name():
    from despensa.domain.refusal import RefusalReason

    listed = text_of("docs/reference/formats.md").partition("Reasons in precedence order")[2]

    missing = [
        f"{reason.value} {reason.name.lower()}"
        for reason in RefusalReason
        if f" {reason.value} {reason.name.lower()}" not in listed
    ]
    assert not missing


def test_every_column_of_the_template_is_documented():
    from despensa.domain.registration.layout import DOCUMENT_KINDS, TEMPLATE_COLUMNS

    page = text_of("docs/reference/register-files.md")

    assert not [name for name in TEMPLATE_COLUMNS + DOCUMENT_KINDS if f"`{name}`" not in page]


def test_decisions_are_numbered_without_a_gap_and_say_three_things():
    pages = sorted((DOCS / "decisions").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]

    assert numbers == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert all(f"## {part}" in text for part in ("Context", "Decision", "Consequences")), page


def test_python_files_cite_documents_that_exist():
    cited = {
        (module.place, path)
        for module in modules()
        for path in re.findall(r"\bdocs/[\w./-]+\.md\b", module.text)
    }

    assert not [(place, path) for place, path in sorted(cited) if not (ROOT / path).exists()]


def listed_numbers(section: str) -> dict[str, int]:
    """Return the numbered names of a list such as `1 area, 2 household; 40 service_point`."""
    pairs = re.findall(r"(?:^|[\s:,;])(\d+) ([a-z_]+(?: [a-z_]+)*)", section)
    return {name.replace(" ", "_"): int(number) for number, name in pairs}


def line_of_formats(beginning: str) -> str:
    page = text_of("docs/reference/formats.md").splitlines()
    return next(line for line in page if line.startswith(beginning))


def test_the_formats_number_tables_as_the_journal_does():
    from despensa.records.tables import TABLE_NUMBER

    assert listed_numbers(line_of_formats("* Table numbers:")) == TABLE_NUMBER


def test_the_formats_number_reasons_of_proposals_as_the_code_does():
    from despensa.domain.proposal import Reason

    listed = listed_numbers(line_of_formats("* Reasons:").partition(" An approval")[0])

    assert listed == {reason.name.lower(): int(reason) for reason in Reason}


def test_the_formats_number_accounts_and_causes_as_the_code_does():
    from despensa.domain.ledger.account import AccountKind
    from despensa.domain.ledger.transfer import Cause

    kinds = listed_numbers(line_of_formats("| kind | 1 granted"))
    causes = listed_numbers(re.sub(r"\([^)]*\)", "", line_of_formats("| cause | 1 budget")))

    short = {kind.name.lower(): int(kind) for kind in AccountKind}
    short["loss_under_investigation"] = short.pop("loss")
    assert kinds == short
    assert causes == {cause.name.lower(): int(cause) for cause in Cause}


def test_the_formats_list_every_public_leaf():
    from despensa.domain.transparency.leaf import PublicKind

    page = text_of("docs/reference/formats.md")
    listed = {
        int(number) for number in re.findall(r"^\| (\d+) [a-z-]+[a-z ]* \| ", page, re.MULTILINE)
    }

    assert listed == {int(kind) for kind in PublicKind}


def test_the_formats_list_every_action_two_people_agree_on():
    tree = ast.parse(text_of("src/despensa/entrypoints/jobs/actions.py"))
    table = next(
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "ACTIONS"
    )
    listed = text_of("docs/reference/formats.md").partition("| action | scope |")[2]
    named = re.findall(r"^\| ([a-z_]+) \| ", listed.partition("## 10")[0], re.MULTILINE)

    assert len(named) == len(table.keys)


def test_every_folder_of_vectors_is_in_their_list():
    listed = text_of("vectors/README.md")

    folders = [path.name for path in (ROOT / "vectors").iterdir() if path.is_dir()]
    assert not [name for name in folders if f"`{name}/`" not in listed]


def test_the_page_of_the_api_names_every_operation():
    page = text_of("docs/reference/api.md")
    found = [
        (match[1].upper(), re.sub(r"{path:\w+}", "...", match[2]))
        for match in re.finditer(
            r'@router\.(get|post|put|delete)\(\s*"([^"]+)"',
            "".join(
                text_of(f"src/despensa/entrypoints/api/{name}.py") for name in ("device", "public")
            ),
        )
    ]

    assert found
    assert not [(verb, path) for verb, path in found if f"| `{verb} /api/v1{path}` |" not in page]
