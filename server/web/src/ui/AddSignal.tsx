import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Span } from "../text";
import type { Kind } from "../types";
import type { UtteranceEvent } from "../wire";
import { Sheet, type Place } from "./Sheet";
import { SignalForm } from "./SignalForm";
import type { Corrections } from "./useCorrections";

interface Props {
  utterance: UtteranceEvent;
  span: Span;
  kind: Kind;
  place: Place;
  onAdd: Corrections["add"];
  onClose(): void;
}

const HEIGHT_PX = 430;

/** A need or hesitation that nobody found yet. */
export function AddSignal({ utterance, span, kind, place, onAdd, onClose }: Props) {
  const { t } = useTranslation("corrections");
  const [busy, setBusy] = useState(false);
  return (
    <Sheet title={t(`add.${kind}`)} place={place} height={HEIGHT_PX} onClose={onClose}>
      <SignalForm
        text={utterance.text}
        first={{ ...span, kind }}
        action={t("act.add")}
        busy={busy}
        onCancel={onClose}
        onDone={async (choice) => {
          setBusy(true);
          if (await onAdd(utterance, choice)) onClose();
          else setBusy(false);
        }}
      />
    </Sheet>
  );
}
