"""Coverage-guided fuzzing of one kind of file by Atheris, for as long as one likes: ``make fuzz SECONDS=3600``.

Ends with an error at the first input that ends in a traceback, takes longer than ten seconds or a gigabyte more than at first;
that input stays in a file of its own, whose name is printed.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path


def main() -> None:
    import atheris

    with atheris.instrument_imports(include=["research"]):
        from tests.fuzz.targets import TARGETS, holds
    name, options = sys.argv[1], sys.argv[2:]
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(TARGETS[name][1]()):
            (Path(folder) / f"seed{number}").write_bytes(seed)
        atheris.Setup([sys.argv[0], folder, "-timeout=10", "-rss_limit_mb=1500", *options], lambda data: holds(name, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
