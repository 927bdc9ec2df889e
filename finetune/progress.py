"""How far a training run is: a bar for people, lines for the service, or nothing."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Literal

Form = Literal["bar", "lines", "none"]
STEP = 0.01
"""Least progress that is worth a line."""


@contextmanager
def shown(form: Form) -> Generator[Callable[[float, str], None]]:
    """Something to tell the share done, in [0, 1], and what is being done."""
    if form == "lines":
        yield _Lines()
    elif form == "none" or not sys.stderr.isatty():
        yield lambda share, text: None
    else:
        from tqdm import tqdm

        with tqdm(total=100, unit="%", bar_format="{desc:40} {bar} {n:.0f} % {elapsed}") as bar:

            def tell(share: float, text: str) -> None:
                bar.set_description_str(text, refresh=False)
                bar.update(share * 100 - bar.n)

            yield tell


class _Lines:
    """`progress 0.42 text`, one line a hundredth."""

    def __init__(self) -> None:
        self._told = -1.0

    def __call__(self, share: float, text: str) -> None:
        if share - self._told >= STEP or share >= 1.0:
            self._told = share
            sys.stderr.write(f"progress {share:.2f} {text}\n")
            sys.stderr.flush()
