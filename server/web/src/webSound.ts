// The browser's sound for a Player: WebAudio, or only a clock where there is nothing to hear.
import type { Clip, Sound } from "./player";
import { stretched } from "./stretch";

/** Speech is kept at 24 kHz and not at the device's 48: half the memory. */
const RATE_HZ = 24_000;

interface Decoded {
  buffer: AudioBuffer;
  /** The same at another speed, for the last one that was asked for. */
  faster: { speed: number; buffer: AudioBuffer } | null;
}

export function webSound(): Sound {
  let context: AudioContext | null = null;
  const awake = () => (context ??= new AudioContext({ sampleRate: RATE_HZ }));
  return {
    now: () => context?.currentTime ?? 0,
    wake: () => awake().resume(),
    decode: async (bytes): Promise<Decoded> => ({ buffer: await awake().decodeAudioData(bytes), faster: null }),
    start: (clip: Clip, { when_s, fromMs, lengthMs }, speed) => {
      const source = awake().createBufferSource();
      source.buffer = atSpeed(awake(), clip as Decoded, speed);
      source.connect(awake().destination);
      source.start(when_s, fromMs / 1000 / speed, lengthMs / 1000 / speed);
      return () => {
        source.stop();
        source.disconnect();
      };
    },
    close: () => void context?.close(),
  };
}

function atSpeed(context: AudioContext, clip: Decoded, speed: number): AudioBuffer {
  if (speed === 1) return clip.buffer;
  if (clip.faster?.speed === speed) return clip.faster.buffer;
  const samples = stretched(clip.buffer.getChannelData(0), clip.buffer.sampleRate, speed);
  const buffer = context.createBuffer(1, Math.max(1, samples.length), clip.buffer.sampleRate);
  buffer.copyToChannel(samples, 0);
  clip.faster = { speed, buffer };
  return buffer;
}

/** Time without sound, for a call whose audio was not kept. */
export function silentSound(): Sound {
  return {
    now: () => performance.now() / 1000,
    wake: () => Promise.resolve(),
    decode: () => Promise.resolve({}),
    start: () => () => undefined,
    close: () => undefined,
  };
}
