"""The latencies of one played call against its turns (pure); definitions as in the report's `definitions`."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from eval.bench.alignment import HeardWord, Match, comparable, match, spoken_words
from eval.bench.material import SpokenTurn
from eval.bench.partials import Shown, changed_words, standing_since
from eval.bench.sentences import ends_inside, last_matches
from eval.client import Played

TAIL_WORDS = 2
"""A turn is closed by the final that holds its last heard word, if at most this many after it were misheard."""

Numbers = list[float]
Event = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Samples:
    """Measurements of one call or of several together; times in milliseconds."""

    turn_to_final_ms: Numbers = field(default_factory=Numbers)
    word_to_final_ms: Numbers = field(default_factory=Numbers)
    word_to_shown_ms: Numbers = field(default_factory=Numbers)
    first_partial_ms: Numbers = field(default_factory=Numbers)
    end_to_last_final_ms: Numbers = field(default_factory=Numbers)
    end_to_close_ms: Numbers = field(default_factory=Numbers)
    turns: int = 0
    turns_without_final: int = 0
    finals: int = 0
    final_words: int = 0
    partials: int = 0
    changed_words: int = 0
    finals_judged: int = 0
    finals_inside: int = 0
    words_lost_at_end: int = 0
    speech_ms: int = 0
    call_ms: int = 0

    def add(self, other: "Samples") -> None:
        """Take in the measurements of another call."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


@dataclass(frozen=True, slots=True)
class _Final:
    arrived_s: float
    event: Event
    words: list[str]
    partials: list[Shown]


def measure(
    played: Played, turns: Sequence[SpokenTurn], channels: Sequence[str], language: str | None, length_ms: int
) -> Samples:
    """Everything that the events of a call say about its latency.

    Args:
        played: the call as its sender saw it.
        turns: what is said, in order of start.
        channels: their names.
        language: of the words, ISO 639-1.
        length_ms: of the audio that was sent.
    """
    samples = Samples(turns=len(turns), call_ms=length_ms)
    samples.speech_ms = sum(turn.end_ms - turn.start_ms for turn in turns)
    samples.partials = sum(event["type"] == "partial" for _, event in played.events)
    for channel in channels:
        _channel(samples, played, turns, channel, language)
    _first_partials(samples, played, turns)
    _ending(samples, played)
    return samples


def _channel(samples: Samples, played: Played, turns: Sequence[SpokenTurn], channel: str, language: str | None) -> None:
    finals = _finals(played, channel, language)
    spoken = spoken_words(turns, channel)
    matches = match(spoken, _heard(finals), language)
    _turns(samples, played, turns, finals, _last_of_turns(turns, channel, matches))
    _words(samples, played, turns, finals, [one for one in matches if one.same])
    ends = last_matches(matches, {place: len(final.words) for place, final in enumerate(finals)})
    samples.finals_judged += len(ends)
    samples.finals_inside += sum(ends_inside(one) for one in ends)
    for final in finals:
        samples.finals += 1
        samples.final_words += len(final.words)
        samples.changed_words += changed_words([*(shown for _, shown in final.partials), final.words])
    if spoken and turns[spoken[-1].turn].end_ms == max(turn.end_ms for turn in turns):
        after = [one.spoken.after for one in matches if one.spoken.turn == spoken[-1].turn]
        samples.words_lost_at_end += min(after, default=spoken[-1].place + 1)


def _last_of_turns(turns: Sequence[SpokenTurn], channel: str, matches: Sequence[Match]) -> dict[int, Match | None]:
    """The last heard word of each turn of a channel; None where the turn's end was not heard."""
    last = {one.spoken.turn: one for one in matches if one.spoken.after <= TAIL_WORDS}
    return {number: last.get(number) for number, turn in enumerate(turns) if turn.channel == channel}


def _turns(
    samples: Samples,
    played: Played,
    turns: Sequence[SpokenTurn],
    finals: Sequence[_Final],
    last: dict[int, Match | None],
) -> None:
    for number, one in last.items():
        if one is None:
            samples.turns_without_final += 1
        elif turns[number].end_ms < samples.call_ms:
            late_s = finals[one.heard.final].arrived_s - played.sent_s(turns[number].end_ms)
            samples.turn_to_final_ms.append(late_s * 1000)


def _words(
    samples: Samples, played: Played, turns: Sequence[SpokenTurn], finals: Sequence[_Final], matches: Sequence[Match]
) -> None:
    """From the end of each word that was heard right to the final that has it, and to its first lasting showing."""
    since = [standing_since(final.partials, (final.arrived_s, final.words)) for final in finals]
    for one in matches:
        turn = turns[one.spoken.turn]
        if turn.end_ms >= samples.call_ms:
            # Finals of the turn with which the audio ends come because `end` asks for them; see `_ending`.
            continue
        # Inside a turn no exact end is known; the recognised one is near it (`eval asr` says how near).
        end_ms = turn.end_ms if one.spoken.after == 0 else min(one.heard.end_ms, turn.end_ms)
        said_s = played.sent_s(end_ms)
        samples.word_to_final_ms.append((finals[one.heard.final].arrived_s - said_s) * 1000)
        samples.word_to_shown_ms.append((since[one.heard.final][one.heard.place] - said_s) * 1000)


def _first_partials(samples: Samples, played: Played, turns: Sequence[SpokenTurn]) -> None:
    """From the beginning of each turn to the first text about it, partial or final."""
    for turn in turns:
        began_s = played.sent_s(turn.start_ms)
        shown = [
            at
            for at, event in played.events
            if event["type"] in ("partial", "utterance")
            and (event["channel"], bool(event["text"])) == (turn.channel, True)
            and event["start_ms"] < turn.end_ms
            and event["end_ms"] > turn.start_ms
            and at > began_s
        ]
        if shown:
            samples.first_partial_ms.append((min(shown) - began_s) * 1000)


def _ending(samples: Samples, played: Played) -> None:
    if played.ended_s is None:
        return
    finals = [at for at, event in played.events if event["type"] == "utterance"]
    closed = [at for at, event in played.events if event["type"] == "call_ended"]
    samples.end_to_last_final_ms += [max(0.0, (at - played.ended_s) * 1000) for at in finals[-1:]]
    samples.end_to_close_ms += [(at - played.ended_s) * 1000 for at in closed[-1:]]


def _finals(played: Played, channel: str, language: str | None) -> list[_Final]:
    """The channel's finals in order of start, each with the partials that led to it."""
    about = [(at, event) for at, event in played.events if event.get("channel") == channel]
    shown: dict[str, list[Shown]] = {}
    for at, event in about:
        if event["type"] == "partial":
            words = comparable(event["text"].split(), language)
            shown.setdefault(event["utterance_id"], []).append((at, words))
    finals = [
        _Final(
            at,
            event,
            comparable((word["text"] for word in event["words"]), language),
            shown.get(event["utterance_id"], []),
        )
        for at, event in about
        if event["type"] == "utterance"
    ]
    return sorted(finals, key=lambda final: final.event["start_ms"])


def _heard(finals: Sequence[_Final]) -> list[HeardWord]:
    return [
        HeardWord(final=number, place=place, text=word["text"], start_ms=word["start_ms"], end_ms=word["end_ms"])
        for number, final in enumerate(finals)
        for place, word in enumerate(final.event["words"])
    ]
