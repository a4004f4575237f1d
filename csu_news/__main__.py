"""`python -m csu_news` is `csu-news`."""

from csu_news.cli import main

main(prog_name="csu-news")
