"""Pieces of dialogue in which needs are addressed, confirmed, withdrawn and resolved, turn by turn (pure)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from graph.life import HAPPENINGS, Happening, Heard, Life, Want
from graph.messages import NeedId
from graph.words import clause_around

OVER = ("withdrawn", "resolved")

Told = set[tuple[NeedId, Happening]]


@dataclass(frozen=True, slots=True)
class Moment:
    """A turn of an episode with the wants that stand, and what happens to which of them."""

    episode: str
    heard: Heard
    wants: tuple[Want, ...]
    happened: Mapping[NeedId, Happening]


def moments(episodes: Iterable[Mapping[str, Any]]) -> Iterator[Moment]:
    """Every turn at which at least one want stands."""
    for episode in episodes:
        turns = {turn["turn"]: turn for turn in episode["turns"]}
        over: set[str] = set()
        for number, turn in turns.items():
            standing = [one for one in episode["wants"] if one["turn"] < number and one["want"] not in over]
            events = {NeedId(one["want"]): one["event"] for one in episode["events"] if one["turn"] == number}
            if standing:
                heard = Heard(role=turn["role"], text=turn["text"], before=_text(turns, number - 1))
                wants = tuple(_want(one, turns, number) for one in standing)
                yield Moment(episode["id"], heard, wants, events)
            over |= {want for want, event in events.items() if event in OVER}


def figures(judged: Sequence[Moment], life: Life) -> dict[str, dict[str, float]]:
    """Of every happening and of all: how often it is there and said, precision and recall."""
    told: list[Told] = [
        {(one.need_id, one.status) for one in life.read(moment.heard, moment.wants)} for moment in judged
    ]
    there: list[Told] = [set(moment.happened.items()) for moment in judged]
    names: list[Happening] = [one for of in HAPPENINGS.values() for one in of]
    return {name: _counted(told, there, {name}) for name in names} | {"all": _counted(told, there, set(names))}


def _counted(told: Sequence[Told], there: Sequence[Told], names: AbstractSet[Happening]) -> dict[str, float]:
    said = [{one for one in of if one[1] in names} for of in told]
    wanted = [{one for one in of if one[1] in names} for of in there]
    right = sum(len(one & other) for one, other in zip(said, wanted, strict=True))
    sizes = sum(map(len, wanted)), sum(map(len, said))
    return {
        "there": sizes[0],
        "said": sizes[1],
        "precision": right / max(1, sizes[1]),
        "recall": right / max(1, sizes[0]),
    }


def _want(row: Mapping[str, Any], turns: Mapping[int, Mapping[str, Any]], now: int) -> Want:
    clause = clause_around(turns[row["turn"]]["text"], row["words"])
    setting = f"{_text(turns, row['turn'] - 1)} {clause}".strip()
    # Where it stands is what is asked, so every happening is allowed here.
    return Want(
        need_id=NeedId(row["want"]), status="open", words=row["words"], setting=setting, turns_ago=now - row["turn"]
    )


def _text(turns: Mapping[int, Mapping[str, Any]], number: int) -> str:
    return turns[number]["text"] if number in turns else ""
