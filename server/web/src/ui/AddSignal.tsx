import { useEffect, useRef, useState } from "react";
import type { Span } from "../text";
import type { UtteranceEvent } from "../wire";
import { SignalForm } from "./SignalForm";
import type { Corrections } from "./useCorrections";

interface Props {
  utterance: UtteranceEvent;
  span: Span;
  top: number;
  onAdd: Corrections["add"];
  onClose(): void;
}

const HEIGHT_PX = 330;

/** A small sheet beside the selected words. */
export function AddSignal({ utterance, span, top, onAdd, onClose }: Props) {
  const [busy, setBusy] = useState(false);
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const away = (event: PointerEvent) => {
      if (!sheet.current?.contains(event.target as Node)) onClose();
    };
    window.addEventListener("pointerdown", away);
    return () => window.removeEventListener("pointerdown", away);
  }, [onClose]);
  return (
    <div
      ref={sheet}
      className="sheet"
      role="dialog"
      aria-label="Add a missed signal"
      style={{ top: Math.max(60, Math.min(top + 6, window.innerHeight - HEIGHT_PX)) }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        onClose();
      }}
    >
      <h3>Add a missed signal</h3>
      <SignalForm
        text={utterance.text}
        first={span}
        action="Add"
        busy={busy}
        onCancel={onClose}
        onDone={async (choice) => {
          setBusy(true);
          if (await onAdd(utterance, choice)) onClose();
          else setBusy(false);
        }}
      />
    </div>
  );
}
