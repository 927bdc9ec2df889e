import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  query: string;
  /** Grows with every press of the key that opens the search. */
  asked: number;
  /** The place that is shown, from 1. */
  at: number;
  count: number;
  onQuery(query: string): void;
  onStep(by: 1 | -1): void;
  onClose(): void;
}

export function FindBar({ query, asked, at, count, onQuery, onStep, onClose }: Props) {
  const { t } = useTranslation("call");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, [asked]);
  return (
    <form
      className="find"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        onStep(1);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.stopPropagation();
          onClose();
        }
        if (event.key === "Enter" && event.shiftKey) {
          event.preventDefault();
          onStep(-1);
        }
      }}
    >
      <input ref={field} type="search" data-testid="find-field" aria-label={t("find.label")} placeholder={t("find.label")} value={query} onChange={(event) => onQuery(event.target.value)} />
      <output aria-live="polite">{query.trim() === "" ? "" : count === 0 ? t("find.none") : t("find.found", { at, count })}</output>
      <button type="button" className="icon" aria-label={t("find.previous")} disabled={count === 0} onClick={() => onStep(-1)}>↑</button>
      <button type="button" className="icon" aria-label={t("find.next")} disabled={count === 0} onClick={() => onStep(1)}>↓</button>
      <button type="button" className="icon" aria-label={t("find.close")} onClick={onClose}>×</button>
    </form>
  );
}
