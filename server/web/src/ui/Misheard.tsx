import { useState } from "react";
import { useTranslation } from "react-i18next";
import { quote, type Span } from "../text";
import type { UtteranceEvent } from "../wire";
import { Sheet, type Place } from "./Sheet";
import type { Corrections } from "./useCorrections";

interface Props {
  utterance: UtteranceEvent;
  span: Span;
  place: Place;
  onReword: Corrections["reword"];
  onClose(): void;
}

const HEIGHT_PX = 260;
/** What the service takes at once, in code points. */
const MOST = 2000;

/** What was said instead of the selected words. */
export function Misheard({ utterance, span, place, onReword, onClose }: Props) {
  const { t } = useTranslation(["corrections", "common"]);
  const heard = quote(utterance.text, span);
  const [said, setSaid] = useState(heard);
  const [busy, setBusy] = useState(false);
  const tooLong = span.end - span.start > MOST || [...said].length > MOST;
  const same = said.split(/\s+/).filter(Boolean).join(" ") === heard;
  const save = async () => {
    if (busy || tooLong || same) return;
    setBusy(true);
    if (await onReword(utterance, span, said)) onClose();
    else setBusy(false);
  };
  return (
    <Sheet title={t("misheard.title")} place={place} height={HEIGHT_PX} onClose={onClose}>
      <form
        className="signal-form"
        data-testid="misheard"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <p className="quiet heard" dir="auto">{t("misheard.heard", { words: heard })}</p>
        <label>
          {t("misheard.said")}
          <textarea
            autoFocus
            dir="auto"
            rows={Math.min(5, 1 + Math.floor(heard.length / 40))}
            value={said}
            onFocus={(event) => event.target.select()}
            onChange={(event) => setSaid(event.target.value)}
            onKeyDown={(event) => {
              // Enter that ends a word of an input method is part of the word.
              if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
              event.preventDefault();
              void save();
            }}
          />
        </label>
        <p className={tooLong ? "problem hint-line" : "quiet hint-line"}>{t(tooLong ? "misheard.tooLong" : "misheard.hint")}</p>
        <div className="actions">
          <button className="primary" disabled={busy || tooLong || same}>{t("act.save")}</button>
          <button type="button" onClick={onClose}>{t("common:cancel")}</button>
        </div>
      </form>
    </Sheet>
  );
}
