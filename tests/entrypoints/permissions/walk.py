"""Every door there is: addresses from Django's resolver, operations, commands."""

from collections.abc import Iterator
from dataclasses import dataclass

from despensa.domain.role import Role

COLUMNS = ("anonymous", "no_role", *(role.value for role in Role))
METHODS = ("GET", "POST")
_SAMPLES = {
    "UUIDConverter": "00000000-0000-4000-8000-000000000000",
    "IntConverter": "1",
    "StringConverter": "x",
    "SlugConverter": "x",
    "PathConverter": "0/000",
}


@dataclass(frozen=True)
class Address:
    """One address: its route as written, its name, and a path that reaches it."""

    route: str
    name: str
    path: str


def addresses() -> list[Address]:
    """Return every address of the resolver, by route."""
    from django.urls import get_resolver

    return sorted(_walk(get_resolver(), "", "", {}), key=lambda one: one.route)


def _walk(resolver, prefix: str, space: str, outer: dict[str, str]) -> Iterator[Address]:
    from django.urls import URLResolver, reverse

    for pattern in resolver.url_patterns:
        route = prefix + _route(pattern.pattern)
        arguments = outer | _arguments(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from _walk(pattern, route, inner, arguments)
            continue
        assert pattern.name, f"the address {route} has no name"
        name = space + pattern.name
        yield Address(f"/{route}", name, reverse(name, kwargs=arguments))


def _route(pattern) -> str:
    return str(pattern).removeprefix("^").removesuffix("$").removesuffix(r"\Z")


def _arguments(pattern) -> dict[str, str]:
    converters = {name: _SAMPLES[type(one).__name__] for name, one in pattern.converters.items()}
    return dict.fromkeys(pattern.regex.groupindex, "1") | converters


def commands() -> list[str]:
    """Return the path of every command that does something, without the program's name."""
    import typer.main

    from despensa.entrypoints.cli.main import app

    return sorted(_commands(typer.main.get_command(app), ""))


def _commands(command, path: str) -> Iterator[str]:
    if not hasattr(command, "list_commands"):
        yield path
        return
    context = command.context_class(command, info_name=path)
    for name in command.list_commands(context):
        yield from _commands(command.get_command(context, name), f"{path} {name}".strip())


def operations() -> dict[str, str]:
    """Return "METHOD path" of every operation of the OpenAPI by operation id."""
    from despensa.entrypoints.api.urls import api

    return {
        operation["operationId"]: f"{method.upper()} {path}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method, operation in methods.items()
    }
