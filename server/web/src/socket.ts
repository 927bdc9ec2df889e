import type { ScreenFrame } from "./wire";
import type { Connection } from "./state";

export interface ScreenListener {
  onConnection(connection: Connection): void;
  onFrame(frame: ScreenFrame): void;
  /** The socket was refused before it opened: the token may be wrong. */
  onRefused(): void;
}

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 8000;

/** The screen socket: reconnects with growing delays, and says so. */
export class ScreenSocket {
  private socket: WebSocket | null = null;
  private delay = FIRST_DELAY_MS;
  private timer = 0;
  private closed = false;

  constructor(
    private readonly token: string,
    private readonly listener: ScreenListener,
  ) {
    this.open();
  }

  watch(callId: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ type: "watch", call_id: callId }));
  }

  /** Try again now, without waiting for the delay. */
  retry(): void {
    if (this.closed || this.socket) return;
    window.clearTimeout(this.timer);
    this.open();
  }

  close(): void {
    this.closed = true;
    window.clearTimeout(this.timer);
    this.socket?.close();
  }

  private open(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/v1/screen`, ["needgraph.v1", `bearer.${this.token}`]);
    let opened = false;
    this.socket = socket;
    socket.onopen = () => {
      opened = true;
      this.delay = FIRST_DELAY_MS;
      if (!this.closed) this.listener.onConnection("live");
    };
    socket.onmessage = (message) => {
      if (!this.closed) this.listener.onFrame(JSON.parse(String(message.data)) as ScreenFrame);
    };
    socket.onclose = () => {
      this.socket = null;
      if (this.closed) return;
      this.listener.onConnection("reconnecting");
      if (!opened) this.listener.onRefused();
      this.timer = window.setTimeout(() => this.open(), this.delay * (0.8 + Math.random() * 0.4));
      this.delay = Math.min(LAST_DELAY_MS, this.delay * 2);
    };
  }
}
