// The shell around `CallLine`: a WebSocket that is opened, filled, watched and opened again.
import { takeToken } from "../token";
import type { Snapshot } from "../wire";
import type { CallEvent, CallLine, Past } from "./callLine";
import { ask } from "./requests";

/** 256 kB are 4 s of two voices: more than that only waits in the browser instead of in the ring. */
const MOST_BUFFERED_BYTES = 262_144;
/** Nothing came back for so long although audio waits: the connection is dead, nobody closed it. */
const STALLED_MS = 20_000;
const STALLED_AUDIO_MS = 5_000;
/** How often it looks when no audio comes by; a tab in the background is driven by its audio. */
const TICK_MS = 250;

/** The service holds no such call (server/errors.py NoResumeError). */
const NO_RESUME = 4410;

export class CallSocket {
  private socket: WebSocket | null = null;
  private heardAtMs = 0;
  private refused: string | null = null;
  private readonly timer = window.setInterval(() => this.tick(), TICK_MS);

  constructor(
    private readonly line: CallLine,
    private readonly changed: () => void,
  ) {
    this.tick();
  }

  /** Do what is due: called for every block of audio and by a timer. */
  tick(): void {
    const [line, nowMs] = [this.line, Date.now()];
    if (line.phase === "token" && takeToken() !== this.refused && takeToken() !== null) line.wake(nowMs);
    if (line.wants(nowMs)) this.open();
    const waits = line.phase === "joining" || line.waitingMs > STALLED_AUDIO_MS;
    if (this.socket && waits && nowMs - this.heardAtMs > STALLED_MS) this.lost(1006);
    this.pump();
    if (line.phase === "over") this.close();
  }

  /** The network is back, the page is visible again: no reason to wait any longer. */
  wake(): void {
    this.line.wake(Date.now());
    this.tick();
  }

  /** The machine slept: leave the dead connection and take the call up on a new one. */
  slept(): void {
    this.detach();
    this.line.slept(Date.now());
    this.tick();
  }

  close(): void {
    window.clearInterval(this.timer);
    this.detach();
  }

  private open(): void {
    const token = takeToken();
    if (token === null) {
      this.refused = null;
      this.line.needToken();
      return this.changed();
    }
    this.line.connecting();
    this.heardAtMs = Date.now();
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/v1/calls${this.line.resumes ? "?resume=1" : ""}`, ["needgraph.v1", `bearer.${token}`]);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.heardAtMs = Date.now();
      socket.send(this.line.opening());
    };
    socket.onmessage = (message) => this.receive(JSON.parse(String(message.data)) as CallEvent);
    socket.onclose = ({ code }) => {
      if (opened) return this.lost(code);
      this.socket = null;
      void this.whyRefused(token);
    };
    this.changed();
  }

  private receive(event: CallEvent): void {
    this.heardAtMs = Date.now();
    const { phase, part } = this.line;
    this.line.receive(event, Date.now());
    if (this.line.part !== part) this.detach();
    this.pump();
    if (this.line.phase !== phase || event.type === "ack" || event.type === "utterance") this.changed();
  }

  private lost(code: number): void {
    this.detach();
    if (code === NO_RESUME) return void this.goOnAnew();
    this.line.drop(code, Date.now());
    if (this.line.phase === "token") this.refused = takeToken();
    this.changed();
  }

  /** What the old call has decides where the next one begins. */
  private async goOnAnew(): Promise<void> {
    const { callId } = this.line;
    const { status, body } = await ask("GET", `/v1/calls/${encodeURIComponent(callId ?? "")}`, takeToken());
    if (this.line.phase === "joining") this.line.gone(status === 200 ? pastOf(body as Snapshot) : null, Date.now());
    this.changed();
  }

  /** Browsers hide the status of a socket that was refused; the same token on another route tells it. */
  private async whyRefused(token: string): Promise<void> {
    const answer = await ask("GET", "/v1/me", token);
    if (this.line.phase !== "joining") return;
    if (answer.status === 401) {
      this.refused = token;
      this.line.needToken();
    } else if (answer.status === 200 && !(answer.body as { can: string[] }).can.includes("call")) {
      this.line.fail("forbidden", "");
    } else if (answer.status === 200 || answer.status === 503) {
      this.line.busy(Date.now());
    } else {
      this.line.drop(1006, Date.now());
    }
    this.changed();
  }

  private pump(): void {
    const socket = this.socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return;
    for (const frame of this.line.take(MOST_BUFFERED_BYTES - socket.bufferedAmount)) socket.send(frame);
  }

  private detach(): void {
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(4000, "another connection goes on");
  }
}

function pastOf({ ended, utterances }: Snapshot): Past {
  const finalMs: Record<string, number> = {};
  for (const one of utterances) finalMs[one.channel] = Math.max(finalMs[one.channel] ?? 0, one.end_ms);
  return { ended: ended?.reason ?? null, finalMs };
}
