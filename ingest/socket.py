"""The call socket `/v1/calls` as bytes and messages, both sides, without any I/O.

A client sends one JSON `start` (or `resume`), then binary audio frames and JSON `flush` / `end`. A binary frame is a
header of 12 bytes and the samples: channel number (u8, the index in `start.channels`), three zero bytes, and the
position of its first sample on that channel, counted at the sender's rate (u64, little-endian). So packets may come
late, twice or not at all, and the clock still holds.
"""

import json
import struct
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ingest.config import IngestConfig
from ingest.errors import FrameTooLargeError, MalformedFrameError, NotStartedError, UnknownChannelError
from ingest.messages import ConsentScope, Role
from ingest.pcm import SAMPLE_BYTES, Encoding, check_format

HEADER = struct.Struct("<BxxxQ")


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StartConsent(_Frame):
    """What a participant agreed to before the call, and in which words they were asked."""

    given: tuple[ConsentScope, ...]
    wording: str = Field(min_length=1, max_length=4000)


class StartChannel(_Frame):
    """A participant and the channel that carries this voice.

    consent: None when nobody was asked: the call is transcribed, and no audio is kept.
    """

    channel: str = Field(min_length=1, max_length=64)
    role: Role
    speaker: str = Field(min_length=1, max_length=200)
    consent: StartConsent | None = None


class Start(_Frame):
    """Begins a call. Without `call_id` the service picks one; `language` None or "auto" is detected.

    Calls of one `account` share their needs; without one the call is an account of its own.
    """

    type: Literal["start"] = "start"
    call_id: str | None = Field(default=None, min_length=1, max_length=128, pattern=r"^[A-Za-z0-9._:-]+$")
    account: str | None = Field(default=None, min_length=1, max_length=200)
    language: str | None = Field(default=None, pattern=r"^([a-z]{2}|auto)$")
    channels: tuple[StartChannel, ...] = Field(min_length=1)
    encoding: str
    sample_rate_hz: int


class Resume(_Frame):
    """Goes on with a call whose connection broke, in place of `start`.

    The answer `resumed` names the samples of each channel that were taken; the client sends on from there.

    resume_token: from `call_started`.
    turn: the last utterance that the client was sent; those after it are sent again.
    """

    type: Literal["resume"] = "resume"
    call_id: str = Field(min_length=1, max_length=128)
    resume_token: str = Field(min_length=1, max_length=128)
    turn: int = Field(default=0, ge=0)


class Flush(_Frame):
    """Asks for everything said so far as finals; answered by `flushed`."""

    type: Literal["flush"] = "flush"


class End(_Frame):
    """Ends the call; the rest is transcribed, then the service closes with 1000."""

    type: Literal["end"] = "end"


ClientFrame = Annotated[Start | Resume | Flush | End, Field(discriminator="type")]
CLIENT_FRAME: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFrame:
    """Undecoded samples of one channel; `start_sample` counts at the sender's rate."""

    channel: str
    start_sample: int
    payload: bytes


class CallIntake:
    """Service side: checks every frame before it costs anything, and that they come in order."""

    def __init__(self, config: IngestConfig) -> None:
        """Wait for `start`."""
        self._config = config
        self._start: Start | None = None
        self._encoding: Encoding = "s16le"

    @property
    def start(self) -> Start:
        """The accepted start frame.

        Raises:
            NotStartedError: there was none yet.
        """
        if self._start is None:
            raise NotStartedError("the first frame must be a JSON `start`")
        return self._start

    @property
    def audio_format(self) -> tuple[Encoding, int]:
        """Encoding and sample rate in Hz of every channel."""
        return self._encoding, self.start.sample_rate_hz

    def receive_text(self, text: str) -> ClientFrame:
        """Read a JSON frame.

        Raises:
            FrameTooLargeError, MalformedFrameError, UnknownEncodingError, NotStartedError
        """
        if len(text) > self._config.max_text_bytes:
            raise FrameTooLargeError(f"text frame of {len(text)} characters; at most {self._config.max_text_bytes}")
        try:
            frame = CLIENT_FRAME.validate_python(json.loads(text))
        except json.JSONDecodeError as error:
            raise MalformedFrameError(f"not JSON at character {error.pos}: {error.msg}") from error
        except ValidationError as error:
            raise MalformedFrameError(_first_problem(error)) from error
        except ValueError as error:
            # Python reads no integer of more than 4300 digits.
            raise MalformedFrameError("JSON holds a number that is too long") from error
        except RecursionError as error:
            raise MalformedFrameError("JSON is nested too deeply") from error
        if isinstance(frame, Start):
            self.accept(frame)
        elif isinstance(frame, Resume):
            self._only_once()
        elif self._start is None:
            raise NotStartedError(f"`{frame.type}` before `start`")
        return frame

    def receive_bytes(self, frame: bytes) -> AudioFrame:
        """Read an audio frame.

        Raises:
            NotStartedError, FrameTooLargeError, MalformedFrameError, UnknownChannelError
        """
        start = self.start
        if len(frame) > self._config.max_frame_bytes:
            raise FrameTooLargeError(f"audio frame of {len(frame)} bytes; at most {self._config.max_frame_bytes}")
        if len(frame) < HEADER.size:
            raise MalformedFrameError(f"audio frame of {len(frame)} bytes is shorter than its header of {HEADER.size}")
        number, start_sample = HEADER.unpack_from(frame)
        if number >= len(start.channels):
            raise UnknownChannelError(f"audio frame names channel {number}; `start` had {len(start.channels)}")
        payload = frame[HEADER.size :]
        if len(payload) % SAMPLE_BYTES[self._encoding]:
            raise MalformedFrameError(f"{len(payload)} bytes are no whole {self._encoding} samples")
        return AudioFrame(channel=start.channels[number].channel, start_sample=start_sample, payload=payload)

    def accept(self, start: Start) -> None:
        """Begin, or go on with a call that began so.

        Raises:
            NotStartedError, UnknownChannelError, MalformedFrameError, UnknownEncodingError
        """
        self._only_once()
        if len(start.channels) > self._config.max_channels:
            raise UnknownChannelError(f"{len(start.channels)} channels; at most {self._config.max_channels}")
        names = [channel.channel for channel in start.channels]
        if len(set(names)) != len(names):
            raise MalformedFrameError("start.channels: two channels share a name")
        self._encoding = check_format(start.encoding, start.sample_rate_hz)
        self._start = start

    def _only_once(self) -> None:
        if self._start is not None:
            raise NotStartedError("a second `start` or `resume`; open another connection for another call")


def audio_frame(number: int, start_sample: int, payload: bytes) -> bytes:
    """Client side: the binary frame for channel `number` of `start.channels`."""
    return HEADER.pack(number, start_sample) + payload


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg']}" if where else problem["msg"]
