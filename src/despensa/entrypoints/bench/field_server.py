"""
A process that serves the phones' door of a benchmark's workspace until its input ends.

    python -m despensa.entrypoints.bench.field_server PORT

The databases' addresses and the workspace come from the environment of whoever started it. It says
the port it took when it is open, and at its end the seconds of processor it used since.
"""

import http.client
import json
import resource
import sys


def main(wanted: int) -> None:
    """Serve until standard input ends."""
    from despensa.entrypoints import wiring

    wiring.start_django()
    from django.core.wsgi import get_wsgi_application

    from despensa.entrypoints.serving import served

    wiring.tools()
    with served(get_wsgi_application(), wanted) as port:
        _warm_up(port)
        before = _cpu_seconds()
        _say({"port": port})
        sys.stdin.read()
    _say({"cpu_seconds": _cpu_seconds() - before})


def _warm_up(port: int) -> None:
    """Let the first request, which imports all doors, be none that is measured."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/api/v1/device/events", b"", {"Host": "localhost"})
    connection.getresponse().read()
    connection.close()


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _say(what: dict[str, float]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
