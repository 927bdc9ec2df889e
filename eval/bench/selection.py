"""Which recordings a benchmark runs on, by its options."""

from collections.abc import Callable, Sequence
from pathlib import Path

from eval.bench.manifest import read_manifest
from eval.bench.material import Recording
from eval.bench.options import Progress
from eval.errors import BadManifestError

DATA_ROOT = Path("../shared/data")


def chosen(
    manifest: Path | None,
    data_root: Path | None,
    default: Callable[[Path | None], list[Recording]],
    groups: Sequence[str],
    show: Progress,
) -> list[Recording]:
    """The manifest's recordings, else the default ones; of these the groups that were asked for.

    Raises:
        BadManifestError: the manifest is bad, the named folder is not there, or no recording is left.
    """
    found = read_manifest(manifest) if manifest is not None else default(_test_data(data_root, show))
    kept = [one for one in found if not groups or one.group in groups]
    if not kept:
        known = ", ".join(dict.fromkeys(one.group for one in found))
        raise BadManifestError(f"--group: no recording is of {', '.join(groups)}; there are {known}")
    return kept


def with_turns(recordings: Sequence[Recording], show: Progress) -> list[Recording]:
    """Those whose turns have times; the others are named.

    Raises:
        BadManifestError: none is left.
    """
    for one in recordings:
        if not one.turns:
            show(f"{one.name}: skipped, its turns have no times")
    kept = [one for one in recordings if one.turns]
    if not kept:
        raise BadManifestError("turns: no recording has turns with times, and latency is counted from them")
    return kept


def _test_data(data_root: Path | None, show: Progress) -> Path | None:
    root = data_root or DATA_ROOT
    if (root / "audio").is_dir():
        return root
    if data_root is not None:
        raise BadManifestError(f"--data-root: {data_root} holds no folder `audio`")
    show(f"no test data in {root.resolve()}: only the demo call is measured; give --data-root or --manifest")
    return None
