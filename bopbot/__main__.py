"""``bopbot`` and ``python -m bopbot``."""

from bopbot.cli.console import explain, fail, stop_on_termination
from pose_vocab.errors import BopBotError


def main() -> None:
    """Run the command line; exit codes: 0 done, 1 the input cannot be used, 2 wrong usage."""
    stop_on_termination()
    try:
        from bopbot.cli import app

        app()
    except (BopBotError, OSError, ImportError) as error:
        fail(explain(error))


if __name__ == "__main__":
    main()
