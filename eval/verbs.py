"""`needgraph stream` and `needgraph demo`: recordings sent as live calls over the real socket."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eval.service import Address

data_option = click.option("--data", type=click.Path(path_type=Path), required=True, help="Where journals lie.")
models_option = click.option(
    "--models", "models_dir", type=click.Path(path_type=Path), required=True, help="Where weights lie."
)
tenant_option = click.option("--tenant", default="demo", show_default=True, help="Whose.")
speed_option = click.option(
    "--speed", type=click.FloatRange(0.1, 100.0), default=1.0, show_default=True, help="1 is real time."
)


@click.command()
@click.argument("files", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--roles", help="rep or customer for each channel, with commas.  [default: rep, then customers]")
@click.option("--speakers", help="A name for each channel, with commas.")
@click.option("--account", help="The customer's account; calls of one account share their needs.")
@click.option("--call-id", help="Id of the call.  [default: the service picks one]")
@click.option("--language", help="Two letters, or auto.  [default: auto]")
@click.option("--consent", type=click.Choice(["transcript", "audio"]), help="What everybody agreed to; audio is both.")
@click.option("--consent-wording", help="The words in which they were asked.")
@speed_option
@click.option("--url", help="Address of the service.  [default: the one that runs on --data]")
@click.option("--token", help="Who calls.  [default: the session token of that service]")
@data_option
@click.option("--json", "as_json", is_flag=True, help="One event per line as JSON.")
def stream(  # noqa: PLR0913 - a verb has its options
    files: tuple[Path, ...],
    roles: str | None,
    speakers: str | None,
    account: str | None,
    call_id: str | None,
    language: str | None,
    consent: str | None,
    consent_wording: str | None,
    speed: float,
    url: str | None,
    token: str | None,
    data: Path,
    as_json: bool,
) -> None:
    """Send recordings as one live call, a channel per file or per channel of a file, and print what comes back."""
    import asyncio

    from eval.client import play
    from eval.lines import readable
    from eval.recordings import agreed, as_call

    start, audio = as_call(files, roles, speakers)
    start = agreed(start, consent, consent_wording)
    start = start.model_copy(update={"account": account, "call_id": call_id, "language": language})
    address = _address(data, url, token)

    def show(event: dict[str, Any]) -> None:
        line = json.dumps(event, ensure_ascii=False) if as_json else readable(event)
        if line:
            click.echo(line)

    asyncio.run(play(address.url, address.token, start, audio, speed, show))


@click.command()
@speed_option
@click.option("--headless", is_flag=True, help="End with the call and print the report.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the report here.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port of the page, 0 for any free one.")
@data_option
@models_option
@tenant_option
def demo(  # noqa: PLR0913 - a verb has its options
    speed: float,
    headless: bool,
    json_file: Path | None,
    port: int | None,
    data: Path,
    models_dir: Path,
    tenant: str,
) -> None:
    """Serve, and play the bundled call of a rep and two customers through the real socket."""
    from eval import demo_world
    from eval.demo_run import finished, play_demo, telephone_words
    from eval.report import provenance, write_report
    from eval.service import ServiceChild

    if not headless or not data.exists():
        click.echo("importing the demo vendor's tickets, competitor pages and roadmap…", err=True)
    demo_world.import_world(data, models_dir, tenant)
    click.echo("starting the service…", err=True)
    with ServiceChild(data, models_dir, tenant, 0 if headless and port is None else port) as service:
        address = service.address
        if not headless:
            click.echo(f"\n  open {address.url}/#token={address.token}\n\nThe call begins now; Ctrl-C ends.")
        report = play_demo(address, speed, None if headless else click.echo)
        report["memory_mb"] = dict(service.peak_mb)
        if not headless:
            click.echo(finished(report))
            click.echo(f"\nThe page stays open at {address.url}; Ctrl-C ends.")
            service.wait()
            return
    click.echo("measuring the same call by telephone…", err=True)
    report["telephone"] = telephone_words(models_dir)
    report |= provenance([demo_world.recording(), demo_world.folder() / "call.jsonl"])
    report["speed"] = speed
    click.echo(finished(report))
    if json_file is not None:
        write_report(json_file, report)


def _address(data: Path, url: str | None, token: str | None) -> "Address":
    from eval.errors import ServiceUnreachableError
    from eval.service import Address, find_service

    if url is not None and token is not None:
        return Address(url, token)
    found = find_service(data)
    if found is None:
        raise ServiceUnreachableError(
            f"no service runs on {data}; start one with `needgraph serve`, or give --url and --token", 3
        )
    return Address(url or found.url, token or found.token)
