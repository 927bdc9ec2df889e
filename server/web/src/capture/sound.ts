// The sound that is captured: two inputs, one clock, blocks of 100 ms. Opened before a call for the meters, kept through it.
import { meetingTab, microphone, SourceError, type SourceFault } from "./sources";
import { RATE_HZ } from "./plan";
import { SILENCE, type Level } from "./levels";
import workletUrl from "./worklet?worker&url";

/** Input 0 is the rep's microphone, input 1 the meeting's tab. */
export const INPUTS = ["microphone", "tab"] as const;
export type Input = (typeof INPUTS)[number];

export interface Block {
  stampMs: number;
  voices: (Level & { samples: ArrayBuffer })[];
}

export interface SourceState {
  is: "off" | "asking" | "on";
  fault: SourceFault | null;
  /** The system or the device took the sound away for now. */
  quiet: boolean;
  name: string;
}

const OFF: SourceState = { is: "off", fault: null, quiet: false, name: "" };

class Sound {
  sources: Record<Input, SourceState> = { microphone: OFF, tab: OFF };
  levels: Record<Input, Level> = { microphone: SILENCE, tab: SILENCE };
  private context: AudioContext | null = null;
  private worklet: AudioWorkletNode | null = null;
  private readonly streams = new Map<Input, { stream: MediaStream; node: MediaStreamAudioSourceNode }>();
  private readonly listeners = new Set<() => void>();
  private readonly takers = new Set<(block: Block) => void>();

  /** Told when a source changes; `onBlock` is told of every block. */
  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly onBlock = (taker: (block: Block) => void) => {
    this.takers.add(taker);
    return () => void this.takers.delete(taker);
  };

  readonly snapshot = () => this.sources;

  /** Ask for a source. Has to be called from a click: browsers only ask then. */
  async open(input: Input): Promise<void> {
    this.change(input, { ...OFF, is: "asking" });
    try {
      const running = this.ready();
      const stream = await (input === "microphone" ? microphone() : meetingTab());
      await running;
      this.attach(input, stream);
    } catch (error) {
      this.change(input, { ...OFF, fault: error instanceof SourceError ? error.fault : "failed" });
    }
  }

  close(input: Input, fault: SourceFault | null = null): void {
    const open = this.streams.get(input);
    this.streams.delete(input);
    open?.node.disconnect();
    for (const track of open?.stream.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
    this.levels[input] = SILENCE;
    this.change(input, { ...OFF, fault });
  }

  /** Let go of everything: no light on the microphone after the call. */
  stop(): void {
    for (const input of INPUTS) this.close(input);
    const context = this.context;
    this.context = this.worklet = null;
    void context?.close();
  }

  /** Blocks come also without a source: they carry the clock. */
  async ready(): Promise<void> {
    if (!this.context) {
      const context = (this.context = madeContext());
      await context.audioWorklet.addModule(workletUrl);
      const worklet = (this.worklet = new AudioWorkletNode(context, "needgraph-capture", { numberOfInputs: INPUTS.length, numberOfOutputs: 1 }));
      worklet.port.onmessage = ({ data: block }: MessageEvent<Block>) => this.take(block);
      worklet.connect(context.destination);
    }
    if (this.context.state !== "running") await this.context.resume();
  }

  /** After a sleep or an interruption. */
  revive(): void {
    if (this.context && this.context.state !== "running") void this.context.resume().catch(() => undefined);
  }

  private attach(input: Input, stream: MediaStream): void {
    this.close(input);
    const [context, worklet] = [this.context, this.worklet];
    const track = stream.getAudioTracks()[0];
    if (!context || !worklet || !track) throw new SourceError("failed");
    const node = context.createMediaStreamSource(stream);
    node.connect(worklet, 0, INPUTS.indexOf(input));
    this.streams.set(input, { stream, node });
    track.onended = () => this.close(input, "stopped");
    track.onmute = track.onunmute = () => this.change(input, { ...this.sources[input], quiet: track.muted });
    this.change(input, { is: "on", fault: null, quiet: track.muted, name: track.label });
  }

  private take(block: Block): void {
    INPUTS.forEach((input, at) => {
      const voice = block.voices[at];
      if (voice) this.levels[input] = { rms: voice.rms, peak: voice.peak };
    });
    for (const taker of this.takers) taker(block);
  }

  private change(input: Input, state: SourceState): void {
    this.sources = { ...this.sources, [input]: state };
    for (const listener of this.listeners) listener();
  }
}

/** At 16 kHz and without a loudspeaker, where the browser can; the worklet converts where it cannot. */
function madeContext(): AudioContext {
  try {
    return new AudioContext({ sampleRate: RATE_HZ, sinkId: { type: "none" } } as AudioContextOptions);
  } catch {
    return new AudioContext();
  }
}

export const sound = new Sound();
