import type { Kind, ItemKind } from "../types";
import type { WireNeed } from "../wire";
import { STRENGTHS } from "../context";

export function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 32" width="20" height="20" aria-hidden="true">
      <path d="M8 16h6M14 16l9-8M14 16l9 8" fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" />
      <circle cx="7" cy="16" r="4.5" fill="var(--accent)" />
      <circle cx="24" cy="8" r="4.5" fill="var(--need)" />
      <circle cx="24" cy="24" r="4.5" fill="var(--hesitation)" />
    </svg>
  );
}

/** Strength as one to three dots, with its name for those who cannot see them. */
export function Dots({ kind, strength }: { kind: Kind; strength: number }) {
  const name = STRENGTHS[kind][strength - 1] ?? String(strength);
  return (
    <span className={`dots ${kind}`} role="img" aria-label={`strength ${strength} of 3, ${name}`} title={name}>
      {[1, 2, 3].map((at) => <i key={at} className={at <= strength ? "on" : ""} />)}
    </span>
  );
}

export const ITEM_NAMES: Record<ItemKind, string> = { ticket: "Ticket", document: "Document", roadmap: "Roadmap" };

export function MaySay({ maySay }: { maySay: boolean | null }) {
  if (maySay === null) return null;
  return <span className={maySay ? "badge may" : "badge must-not"}>{maySay ? "may say" : "do not say"}</span>;
}

export function Bar({ value }: { value: number }) {
  return <span className="bar" aria-hidden="true"><i style={{ width: `${Math.round(Math.min(1, Math.max(0, value)) * 100)}%` }} /></span>;
}

export function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}

export const STATUS_NAMES: Record<WireNeed["status"], string> = {
  open: "open", addressed: "answered", confirmed: "confirmed", withdrawn: "withdrawn", resolved: "settled",
};
