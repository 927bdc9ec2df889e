"""`needgraph eval`: the group of benchmarks. A new one is a module with a command, and an entry point."""

from importlib.metadata import EntryPoint, entry_points
from typing import cast

import click

BENCHMARKS = "needgraph.benchmarks"
"""Group of entry points: any room may have a benchmark, and this one imports none that may not be imported here."""


class LazyBenchmarks(click.Group):
    """A command group that imports a benchmark only when it is called or listed in the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all benchmarks."""
        return sorted(_found())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one benchmark."""
        found = _found().get(cmd_name)
        return None if found is None else cast("click.Command", found.load())


@click.group(cls=LazyBenchmarks, name="eval")
@click.pass_context
def benchmarks(ctx: click.Context) -> None:
    """Measure; each benchmark prints a table and writes a JSON report."""
    # Weights are shared with the other verbs, journals are not: a benchmark never writes into the user's own.
    shared = {name: value for name, value in (ctx.default_map or {}).items() if name == "models_dir"}
    ctx.default_map = dict.fromkeys(_found(), shared)


def _found() -> dict[str, EntryPoint]:
    return {one.name: one for one in entry_points(group=BENCHMARKS)}
