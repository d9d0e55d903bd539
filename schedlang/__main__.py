"""`python -m schedlang`, and the command `schedlang`: the command line."""

import sys


def main() -> int:
    """Run it; Ctrl-C is quiet while it is loaded, too."""
    try:
        from ._cli import main as run
    except KeyboardInterrupt:
        return 130
    return run()


if __name__ == "__main__":
    sys.exit(main())
