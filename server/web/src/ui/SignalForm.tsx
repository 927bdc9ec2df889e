import { useRef, useState } from "react";
import { STRENGTHS, useShared } from "../context";
import { moveEdge, pieces, selectedPoints } from "../text";
import type { Kind, LabelType } from "../types";
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

/** Type, strength and words of a signal. The words are picked by selecting them, or by the four small buttons. */
export function SignalForm({ text, first, action, busy, onDone, onCancel }: Props) {
  const { labels } = useShared();
  const [type, setType] = useState(first.type ?? "");
  const [kind, setKind] = useState<Kind>(first.kind ?? "need");
  const [strength, setStrength] = useState(first.strength ?? 2);
  const [span, setSpan] = useState({ start: first.start, end: first.end });
  const box = useRef<HTMLDivElement>(null);
  const chosen = labels?.types.find((one) => one.type === type && one.kind === kind);
  const offered = labels?.types.filter((one) => !one.retired || one.type === first.type) ?? [];

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
        <legend>Words</legend>
        <div ref={box} className="pick" onMouseUp={() => window.setTimeout(pick)}>
          <p data-words="pick">
            {pieces(text, [span]).map((piece, at) => (piece.marks.length > 0 ? <mark key={at} className={`${kind} selected`}>{piece.text}</mark> : piece.text))}
          </p>
        </div>
        <div className="edges">
          {(["start", "end"] as const).map((edge) => (
            <span key={edge}>
              {edge}
              <button type="button" className="icon" aria-label={`${edge} one word earlier`} onClick={() => setSpan(moveEdge(text, span, edge, -1))}>‹</button>
              <button type="button" className="icon" aria-label={`${edge} one word later`} onClick={() => setSpan(moveEdge(text, span, edge, 1))}>›</button>
            </span>
          ))}
          <span className="quiet">or select the words</span>
        </div>
      </fieldset>
      <label>
        Type
        <select
          autoFocus
          required
          value={type && `${kind}:${type}`}
          onChange={(event) => {
            const [nextKind, nextType] = event.target.value.split(":");
            setKind(nextKind as Kind);
            setType(nextType ?? "");
          }}
        >
          {!type && <option value="">choose…</option>}
          <Group label="Needs" kind="need" types={offered} />
          <Group label="Hesitations" kind="hesitation" types={offered} />
        </select>
      </label>
      {chosen?.hint && <p className="quiet hint-line">{chosen.hint}</p>}
      <fieldset className="strengths">
        <legend>Strength</legend>
        {STRENGTHS[kind].map((name, at) => (
          <label key={at}>
            <input type="radio" name="strength" checked={strength === at + 1} onChange={() => setStrength(at + 1)} />
            {name}
          </label>
        ))}
      </fieldset>
      <div className="actions">
        <button className="primary" disabled={!type || busy}>{action}</button>
        <button type="button" onClick={onCancel}>Cancel</button>
      </div>
    </form>
  );
}

function Group({ label, kind, types }: { label: string; kind: Kind; types: LabelType[] }) {
  return (
    <optgroup label={label}>
      {types.filter((one) => one.kind === kind).map((one) => <option key={one.type} value={`${kind}:${one.type}`} title={one.hint}>{one.title}</option>)}
    </optgroup>
  );
}
