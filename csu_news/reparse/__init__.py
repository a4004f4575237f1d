"""The crawl's offline twin: WARC records in, articles out, through the same middle; no request is made.

`again` rewrites what an archive holds, `rebuild` makes a lost archive anew. Neither is imported here: the
processes that read records would load the archive's modules for nothing.
"""
