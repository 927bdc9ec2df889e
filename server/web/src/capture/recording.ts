// An uploaded recording: sent with its progress, then read by the service as a call. Goes on while other views are shown.
import { useSyncExternalStore } from "react";
import type { RecordingProgress } from "../bodies";
import { takeToken } from "../token";
import { refusal } from "../api";
import { asked } from "./requests";
import type { PlannedChannel } from "./plan";

export interface Upload {
  state: "sending" | "reading" | "done" | "failed" | "cancelled";
  /** 0 to 1 of what is being done. */
  progress: number;
  callId: string | null;
  /** broken: the connection broke. absent: the service has no such route. Else the service's own words. */
  fault: "broken" | "absent" | null;
  message: string;
}

const POLL_MS = 1_000;

class Recordings {
  private upload: Upload | null = null;
  private request: XMLHttpRequest | null = null;
  private readonly listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  readonly snapshot = () => this.upload;

  send(file: Blob, account: string, language: string, channels: Omit<PlannedChannel, "channel">[]): void {
    const query = new URLSearchParams({ language, channels: JSON.stringify(channels), ...(account ? { account } : {}) });
    // fetch tells nothing about how much of a body has left.
    const request = (this.request = new XMLHttpRequest());
    request.open("POST", `/v1/recordings?${query}`);
    request.setRequestHeader("Authorization", `Bearer ${takeToken() ?? ""}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => this.set({ ...SENDING, progress: total > 0 ? loaded / total : 0 });
    request.onerror = () => this.set({ ...SENDING, state: "failed", fault: "broken" });
    request.onload = () => this.answered(request.status, request.responseText);
    this.set(SENDING);
    request.send(file);
  }

  async cancel(): Promise<void> {
    this.request?.abort();
    this.request = null;
    const { upload } = this;
    if (!upload) return;
    this.set({ ...upload, state: "cancelled" });
    if (upload.callId !== null) await asked("DELETE", `/v1/recordings/${encodeURIComponent(upload.callId)}`).catch(() => undefined);
  }

  forget(): void {
    this.set(null);
  }

  private answered(status: number, text: string): void {
    this.request = null;
    const body = parsed(text);
    if (status >= 200 && status < 300) return this.follow(body as RecordingProgress);
    const error = refusal(status, body);
    this.set({ ...SENDING, state: "failed", fault: status === 404 || status === 405 ? "absent" : null, message: error.message });
  }

  private follow(progress: RecordingProgress): void {
    if (this.upload?.state === "cancelled") return;
    this.set({ state: progress.state, progress: progress.progress, callId: progress.call_id, fault: null, message: progress.message });
    if (progress.state !== "reading") return;
    window.setTimeout(() => {
      const path = `/v1/recordings/${encodeURIComponent(progress.call_id)}`;
      // One answer that is missing says nothing; the next one is a second away.
      asked<RecordingProgress>("GET", path).then((next) => this.follow(next), () => this.follow(progress));
    }, POLL_MS);
  }

  private set(upload: Upload | null): void {
    this.upload = upload;
    for (const listener of this.listeners) listener();
  }
}

const SENDING: Upload = { state: "sending", progress: 0, callId: null, fault: null, message: "" };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export const recordings = new Recordings();

export function useUpload(): Upload | null {
  return useSyncExternalStore(recordings.subscribe, recordings.snapshot);
}
