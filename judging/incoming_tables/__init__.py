"""Tables as people send them: containers, encodings, headings, shapes, numbers and names; no database, no framework.

The way of one file, for ``judging calibrate``, ``judging import`` and the import page alike:

1. ``containers.read_book``: bytes -> sheets of cells, whatever the container and the encoding.
2. ``recognising.recognise``: sheets -> a ``Mapping``: which sheet, which heading rows, what each column is.
3. ``rows.take_rows``: sheets and mapping -> one row for each score, judge, team, proposal or assignment.

What cannot be known is a ``Question`` with its answers; nothing ambiguous is decided silently.
"""
