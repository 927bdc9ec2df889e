"""`needgraph`: finds the verbs by entry point, reads settings for all of them, turns errors into exit codes."""

import logging
import sys
from importlib.metadata import EntryPoint, entry_points

import click

from server.errors import SettingsError
from server.settings import Settings, load_settings, one_blas_thread

GROUP = "needgraph.verbs"
USAGE_ERROR = 2


class LazyVerbs(click.Group):
    """A command group that imports a verb only when it is called, or listed in the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all verbs."""
        return sorted(_verbs())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one verb."""
        entry = _verbs().get(cmd_name)
        return None if entry is None else entry.load()


def _verbs() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _defaults(settings: Settings) -> dict[str, object]:
    """Plain values for the options that verbs share; a verb takes those it declares."""
    graph = settings.graph
    shared: dict[str, object] = {
        "data": settings.data,
        "models": settings.models,
        "models_dir": settings.models,
        "graph_uri": graph.uri,
        "graph_user": graph.user,
        "graph_password": graph.password.get_secret_value(),
        "graph_database": graph.database,
    }
    names = (
        "add",
        "list",
        "revoke",
        "show",
        "promote",
        "rollback",
        "compare",
        "import",
        "export",
        "fetch",
        "verify",
        "remove",
    )
    groups = ("tickets", "documents", "roadmap")
    nested = {**shared, **{name: shared for name in (*names, *groups)}}
    return {name: nested for name in _verbs()}


@click.group(cls=LazyVerbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="needgraph")
@click.pass_context
def root(ctx: click.Context) -> None:
    """Needs and hesitations of a live call, linked while people speak."""
    ctx.default_map = _defaults(ctx.obj)


def main(arguments: list[str] | None = None) -> None:
    """Run a verb and exit: 0 done, 1 failed or refused by a gate, 2 wrong use or bad input, 3 a part is missing."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    one_blas_thread()
    try:
        settings = load_settings()
        result = root.main(args=arguments, standalone_mode=False, obj=settings)
    except SettingsError as error:
        click.echo(f"needgraph: {error}", err=True)
        sys.exit(USAGE_ERROR)
    except click.ClickException as error:
        error.show()
        sys.exit(USAGE_ERROR)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except Exception as error:
        # Each room's base error carries its exit code; anything else is a defect and keeps its traceback.
        exit_code: object = getattr(error, "exit_code", None)
        if not isinstance(exit_code, int):
            raise
        click.echo(f"needgraph: {error}", err=True)
        sys.exit(exit_code)
    sys.exit(result if isinstance(result, int) else 0)


if __name__ == "__main__":
    main()
