import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Span } from "../text";
import type { UtteranceEvent } from "../wire";
import { AddSignal } from "./AddSignal";
import { Misheard } from "./Misheard";
import { useAway, within, type Place } from "./Sheet";
import type { Corrections } from "./useCorrections";

interface Props {
  utterance: UtteranceEvent;
  /** In code points. */
  span: Span;
  top: number;
  left: number;
  corrections: Pick<Corrections, "add" | "reword">;
  onClose(): void;
}

type What = "need" | "hesitation" | "misheard";
const KEYS = { n: "need", h: "hesitation", w: "misheard" } as const satisfies Record<string, What>;

/** What a person can say of selected words: one key each, then the form for it. */
export function OnWords({ utterance, span, top, left, corrections, onClose }: Props) {
  const [what, setWhat] = useState<What | null>(null);
  const came = useRef(document.activeElement);
  const close = () => {
    // Back to where the keyboard was; a press elsewhere has its own place.
    if (document.activeElement === document.body || document.activeElement?.closest(".sheet, .words-menu")) (came.current as HTMLElement | null)?.focus({ preventScroll: true });
    onClose();
  };
  const shared = { utterance, span, place: { top, left }, onClose: close };
  if (what === null) return <Menu place={shared.place} signals={utterance.role === "customer"} onWhat={setWhat} onClose={close} />;
  if (what === "misheard") return <Misheard {...shared} onReword={corrections.reword} />;
  return <AddSignal {...shared} kind={what} onAdd={corrections.add} />;
}

const WIDTH_PX = 350;
const HEIGHT_PX = 44;

function Menu({ place, signals, onWhat, onClose }: { place: Place; signals: boolean; onWhat(what: What): void; onClose(): void }) {
  const { t } = useTranslation("corrections");
  const box = useRef<HTMLDivElement>(null);
  useAway(box, onClose);
  // Without scrolling, and without losing the selection: copying it still works.
  useEffect(() => {
    box.current?.querySelector("button")?.focus({ preventScroll: true });
  }, []);
  const offered = Object.entries(KEYS).filter(([, what]) => signals || what === "misheard");
  const press = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const chosen = offered.find(([key]) => key === event.key)?.[1];
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!chosen && !step && event.key !== "Escape") return;
    event.preventDefault();
    if (chosen) onWhat(chosen);
    else if (step) stepped(box.current, step);
    else onClose();
  };
  return (
    <div ref={box} className="words-menu" role="menu" aria-label={t("menu.label")} data-testid="words-menu" style={within(place, WIDTH_PX, HEIGHT_PX)} onKeyDown={press}>
      {offered.map(([key, what]) => (
        <button key={key} role="menuitem" className={what} onClick={() => onWhat(what)}>{t(`menu.${what}`)} <kbd>{key}</kbd></button>
      ))}
    </div>
  );
}

function stepped(menu: HTMLElement | null, by: number): void {
  const items = [...(menu?.querySelectorAll("button") ?? [])];
  const at = items.findIndex((one) => one === document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
}
