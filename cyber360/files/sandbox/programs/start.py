"""Run as `start.py PROGRAM SIZE FOLDER...`: shut this process in, then let the program read standard input and answer.

The folders are those of packages. The first line of the input is JSON with the options, the rest is the document.
Code 3: memory ran out.
"""

import importlib
import json
import sys
from pathlib import Path

OUT_OF_MEMORY = 3


def start(program: str, size: int, folders: list[str]) -> None:
    sys.path += [*folders, str(Path(__file__).resolve().parent.parent)]
    importlib.import_module("programs.confine").confine(size)
    main = importlib.import_module(f"programs.{program}").main
    options = json.loads(sys.stdin.buffer.readline())
    for piece in main(sys.stdin.buffer.read(), options):
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        start(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
