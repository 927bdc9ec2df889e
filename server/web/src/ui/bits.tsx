import { useTranslation } from "react-i18next";
import type { Kind } from "../types";

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
  const { t } = useTranslation("terms");
  const name = t(`strength.${kind}.s${strength as 1 | 2 | 3}`);
  return (
    <span className={`dots ${kind}`} role="img" aria-label={t("strengthOf", { strength, name })} title={name}>
      {[1, 2, 3].map((at) => <i key={at} className={at <= strength ? "on" : ""} />)}
    </span>
  );
}

export function Bar({ value }: { value: number }) {
  return <span className="bar" aria-hidden="true"><i style={{ width: `${Math.round(Math.min(1, Math.max(0, value)) * 100)}%` }} /></span>;
}

export function percent(value: number): string {
  return `${Math.round(value * 100)} %`;
}
