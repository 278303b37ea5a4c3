"""`python -m lifecircle`: hands over to the command line in `studies`."""

import sys


def main() -> None:
    """Run the command line; an interrupt while its libraries are still being loaded ends it as quietly as later."""
    try:
        from .studies.commands import main as run_command

        run_command()
    except KeyboardInterrupt as error:
        sys.exit(getattr(error, "exit_code", 130))


if __name__ == "__main__":
    main()
