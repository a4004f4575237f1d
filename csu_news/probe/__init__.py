"""A first look at a site: a crawl of a few pages, what it would extract, and a profile made of that.

`spider` asks for the pages, `findings` says what came of them, `profile` writes what they give.
"""
