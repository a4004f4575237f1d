"""`python -m csu_news` is `csu-news`."""

import sys


def main() -> None:
    """Run the command line; Ctrl-C while it is being imported ends it as quietly as later."""
    try:
        from csu_news.cli import main as command

        command(prog_name="csu-news")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
