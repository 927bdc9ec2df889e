"""`needgraph eval`: the group of benchmarks. A new one is a module with a command, and a line in `BENCHMARKS`."""

from importlib import import_module

import click

BENCHMARKS = {
    "asr": "eval.bench.asr:asr",
    "latency": "eval.bench.latency:latency",
    "load": "eval.bench.load:load",
    "signals": "eval.bench.signals:signals",
}
"""Name of the verb → module and command; imported only when it is called or listed in the help."""


class LazyBenchmarks(click.Group):
    """A command group that imports a benchmark only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all benchmarks."""
        return sorted(BENCHMARKS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one benchmark."""
        if cmd_name not in BENCHMARKS:
            return None
        module, command = BENCHMARKS[cmd_name].split(":")
        return getattr(import_module(module), command)


@click.group(cls=LazyBenchmarks, name="eval")
@click.pass_context
def benchmarks(ctx: click.Context) -> None:
    """Measure; each benchmark prints a table and writes a JSON report."""
    # Weights are shared with the other verbs, journals are not: a benchmark never writes into the user's own.
    shared = {name: value for name, value in (ctx.default_map or {}).items() if name == "models_dir"}
    ctx.default_map = dict.fromkeys(BENCHMARKS, shared)
