"""The command `despensa`; asking for the version loads nothing else."""

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from importlib.metadata import version  # noqa: PLC0415 - nothing else may load

        sys.stdout.write(f"despensa {version('despensa')}\n")
        return
    from despensa.entrypoints.cli.main import run  # noqa: PLC0415 - see above

    run()


if __name__ == "__main__":
    main()
