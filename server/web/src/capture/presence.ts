// One tab of a browser captures: a Web Lock holds the others off, a channel tells them which call it is.
const NAME = "needgraph.capture";
const KEY = "needgraph.capture";

let release: (() => void) | null = null;
let said: string | null = null;
const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;

/** Whether this tab may capture now; false when another one does. Without the API (plain http) nobody can tell. */
export async function claim(): Promise<boolean> {
  if (!("locks" in navigator)) return true;
  return new Promise((tell) => {
    void navigator.locks.request(NAME, { ifAvailable: true }, (lock) => {
      tell(lock !== null);
      return lock === null ? undefined : new Promise<void>((done) => (release = done));
    });
  });
}

export function leave(): void {
  announce(null);
  release?.();
  release = null;
}

/** Tell the other tabs which call this one captures. */
export function announce(callId: string | null): void {
  if (callId === said) return;
  said = callId;
  channel?.postMessage({ callId });
}

/** Told which call another tab captures, null when it stopped. */
export function watch(elsewhere: (callId: string | null) => void): void {
  if (!channel) return;
  channel.onmessage = ({ data: message }: MessageEvent<{ callId: string | null } | { asks: true }>) => {
    if ("callId" in message) elsewhere(message.callId);
    else if (said !== null) channel.postMessage({ callId: said });
  };
  channel.postMessage({ asks: true });
}

/** What this tab remembers of its call, also over a reload. */
export function remember(record: unknown): void {
  if (record === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, JSON.stringify(record));
}

export function remembered<T>(): T | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "null") as T | null;
  } catch {
    return null;
  }
}
