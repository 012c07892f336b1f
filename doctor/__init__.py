"""Looks at raw files before they are built: what was found, what would be rejected, what to mind.

    build.py        builds just enough of the project in a scratch directory
    declaration.py  the raw tables that the project declares, and names that come close to them
    directory.py    files that no raw table takes
    patient.py      the scratch database and all that is known of it
    findings.py     what is there, and what it spans
    rejections.py   what would be rejected, and words that nobody knows
    oddities.py     what is not wrong by itself and often hides a mistake
    report.py       the answers, on the terminal
    map.py          turns a shop's export into a raw table, by a mapping of a few lines

No rule of the project is written here a second time: the declaration, the judgement and the
messages about faults are the project's own.
"""
