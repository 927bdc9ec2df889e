"""What a call names: found for both sides, journalled, on the screens; with the names the tenant has at that moment."""

from dataclasses import replace
from pathlib import Path

import pytest

from asr.messages import Utterance
from graph.index import ItemIndex
from graph.messages import ThingsNamed
from graph.naming import Namer
from graph.tenants import TenantFolder
from ingest.messages import CallId
from intent.entities import Entities
from server.analysis import Scratch
from server.naming import Naming
from tests.graph.graph_samples import TENANT, participant, started, utterance
from tests.graph.graph_search_samples import BagEncoder, made
from tests.server.conftest import Scripted
from tests.server.server_calls import DANA, INES, caller, line
from tests.server.server_screens import Screen
from tests.server.test_server_call_socket import journalled


@pytest.mark.model
async def test_what_is_named_reaches_the_journal_and_the_screens(scripted: Scripted) -> None:
    token = scripted.token()
    async with caller(scripted.url, token) as one, line(scripted.url, token) as watching:
        await one.start()
        screen = Screen(watching)
        await screen.watch(one.call_id)
        said = await one.utterance(INES, 0)
        await one.utterance(DANA, 0)
        await one.tell({"type": "flush"})
        await screen.follow("flushed")
        (names,) = screen.picture["named"].values()
        (thing,) = names["things"]
        assert (names["utterance_id"], thing["type"], thing["name"]) == (said["utterance_id"], "date", "Monday")
        assert said["text"][thing["start"] : thing["end"]].endswith("Monday")
        await one.end()
    kept = [message for message in journalled(scripted, one.call_id, "things_named")]
    assert [[of.name for of in message.things] for message in kept if isinstance(message, ThingsNamed)] == [["Monday"]]


@pytest.fixture
def scratch(tmp_path: Path) -> Scratch:
    folder = TenantFolder(tmp_path, TENANT)
    folder.create()
    return Scratch(folder, None)


def test_names_follow_what_is_imported_and_who_is_on_the_call(scratch: Scratch, tmp_path: Path) -> None:
    index = ItemIndex(tmp_path / "index", BagEncoder())
    naming = Naming(Namer(Entities(tmp_path)))

    def named(spoken: Utterance) -> list[tuple[str, str]]:
        return [(one.type, one.name) for of in naming.named(scratch, index, spoken) for one in of.things]

    nobody = replace(started(), channels=tuple(replace(one, speaker="") for one in started().channels))
    for message in (nobody, spoken := utterance(1, "Ines, is Vetaria better? Harbour Foods thinks so.")):
        scratch.graph.apply(message)
    assert named(spoken) == [("account", "Harbour Foods")]
    index.upsert([made("D-1", "Prices", kind="document", competitor="Vetaria")])
    scratch.graph.apply(participant())
    assert named(spoken) == [("person", "Ines"), ("competitor", "Vetaria"), ("account", "Harbour Foods")]
    assert naming.named(scratch, index, utterance(2, "Fine by me.")) == ()
    index.close()


def test_a_past_call_knows_its_speakers_before_it_is_kept(scratch: Scratch, tmp_path: Path) -> None:
    index = ItemIndex(tmp_path / "index", BagEncoder())
    naming = Naming(Namer(Entities(tmp_path)))
    for message in (started(), spoken := utterance(1, "Thank you, Jonas.")):
        scratch.graph.apply(message)
    assert [one.name for of in naming.named(scratch, index, spoken) for one in of.things] == ["Jonas"]
    index.close()


def test_a_call_that_is_its_own_account_names_none(scratch: Scratch, tmp_path: Path) -> None:
    index = ItemIndex(tmp_path / "index", BagEncoder())
    naming = Naming(Namer(Entities(tmp_path)))
    alone = CallId("Rotterdam")
    scratch.graph.apply(started(alone, account="Rotterdam"))
    scratch.graph.apply(spoken := utterance(1, "We sit in Rotterdam.", alone))
    assert naming.named(scratch, index, spoken) == ()
    index.close()
