"""Tables as people send them: containers, encodings, headings, shapes, numbers and names; no database, no framework.

The way of one file, for ``judging calibrate``, ``judging import`` and the import page alike:

1. ``containers.read_book``: bytes -> sheets of cells, whatever the container and the encoding.
2. ``shapes.recognising``: sheets -> a ``TableMapping``: which sheet, which heading rows, what each column is.
3. ``entries.taking``: sheets and mapping -> one entry for each score, judge, team, proposal or assignment.

``texts`` knows what spellings, numbers and headings mean. ``reading.read_file`` does all of it.

What cannot be known is a ``Question`` with its answers; nothing ambiguous is decided silently.
"""
