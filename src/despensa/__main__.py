"""The command `despensa`; asking for the version loads nothing else."""

import sys


def main() -> None:
    """Run the command line."""
    if sys.argv[1:] == ["--version"]:
        from importlib.metadata import version

        sys.stdout.write(f"despensa {version('despensa')}\n")
        return
    from despensa.entrypoints.cli.main import run

    run()


if __name__ == "__main__":
    main()
