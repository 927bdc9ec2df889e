import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { hintOf, titleOf, useShared } from "../context";
import type { Option } from "../matching";
import { moveEdge, pieces, selectedPoints } from "../text";
import type { Kind } from "../types";
import { Pick } from "./Pick";
import { unitsOfSelection } from "./selection";
import type { Choice } from "./useCorrections";

interface Props {
  text: string;
  first: Partial<Choice> & { start: number; end: number };
  action: string;
  busy: boolean;
  onDone(choice: Choice): void;
  onCancel(): void;
}

interface TypeOption extends Option {
  kind: Kind;
  type: string;
}

/** Type, strength and words of a signal. The words are picked by selecting them, or by the four small buttons. */
export function SignalForm({ text, first, action, busy, onDone, onCancel }: Props) {
  const { labels } = useShared();
  const { t } = useTranslation(["corrections", "terms", "common"]);
  const [type, setType] = useState(first.type ?? "");
  const [kind, setKind] = useState<Kind>(first.kind ?? "need");
  const [strength, setStrength] = useState(first.strength ?? 2);
  const [span, setSpan] = useState({ start: first.start, end: first.end });
  const box = useRef<HTMLDivElement>(null);
  const chosen = labels?.types.find((one) => one.type === type && one.kind === kind);
  const options = useMemo<TypeOption[]>(() => {
    const group = { need: t("form.needs"), hesitation: t("form.hesitations") };
    const offered = (labels?.types ?? []).filter((one) => !one.retired || one.type === first.type);
    const known = offered.map((one) => ({ id: `${one.kind}:${one.type}`, group: group[one.kind], text: titleOf(labels, one.type), detail: hintOf(one), kind: one.kind, type: one.type }));
    // What was said to be missing comes first; the other kind stays within reach.
    return known.sort((a, b) => Number(a.kind !== (first.kind ?? "need")) - Number(b.kind !== (first.kind ?? "need")));
  }, [labels, first.type, first.kind, t]);

  const pick = () => {
    const found = unitsOfSelection(box.current);
    const next = found && selectedPoints(text, found.units);
    if (!next) return;
    setSpan(next);
    window.getSelection()?.removeAllRanges();
  };
  return (
    <form
      className="signal-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (type) onDone({ kind, type, strength, ...span });
      }}
    >
      <fieldset>
        <legend>{t("form.words")}</legend>
        <div ref={box} className="pick" onMouseUp={() => window.setTimeout(pick)}>
          <p data-words="pick" dir="auto">
            {pieces(text, [span]).map((piece, at) => (piece.marks.length > 0 ? <mark key={at} className={`${kind} selected`}>{piece.text}</mark> : piece.text))}
          </p>
        </div>
        <div className="edges">
          {(["start", "end"] as const).map((edge) => (
            <span key={edge}>
              {t(`form.edge.${edge}`)}
              <button type="button" className="icon" aria-label={t(`form.earlier.${edge}`)} onClick={() => setSpan(moveEdge(text, span, edge, -1))}>‹</button>
              <button type="button" className="icon" aria-label={t(`form.later.${edge}`)} onClick={() => setSpan(moveEdge(text, span, edge, 1))}>›</button>
            </span>
          ))}
          <span className="quiet">{t("form.orSelect")}</span>
        </div>
      </fieldset>
      <div className="field">
        <span className="field-name" aria-hidden="true">{t("form.type")}</span>
        <Pick
          options={options}
          value={type && `${kind}:${type}`}
          label={t("form.type")}
          placeholder={t("form.typeSearch")}
          none={t("form.typeNone")}
          autoFocus
          onPick={(option) => {
            setKind(option.kind);
            setType(option.type);
          }}
        />
      </div>
      {chosen?.hint && <p className="quiet hint-line">{hintOf(chosen)}</p>}
      <fieldset className="strengths">
        <legend>{t("form.strength")}</legend>
        {([1, 2, 3] as const).map((at) => (
          <label key={at}>
            <input type="radio" name="strength" checked={strength === at} onChange={() => setStrength(at)} />
            {t(`terms:strength.${kind}.s${at}`)}
          </label>
        ))}
      </fieldset>
      <div className="actions">
        <button className="primary" disabled={!type || busy}>{action}</button>
        <button type="button" onClick={onCancel}>{t("common:cancel")}</button>
      </div>
    </form>
  );
}
