import { memo } from "react";
import { useTranslation } from "react-i18next";
import { THING_NAMES } from "../names";
import { clock, pieces } from "../text";
import type { PartialEvent, SignalEvent, UtteranceEvent, WireNamed } from "../wire";

interface Props {
  utterance: UtteranceEvent;
  /** The one before it was said by the same person. */
  continues: boolean;
  speaker: number;
  signals: SignalEvent[];
  names: readonly WireNamed[];
  selected: string | undefined;
  onSelect(signalId: string): void;
  onAdd?: (utterance: UtteranceEvent, at: DOMRect) => void;
}

export const Utterance = memo(function Utterance({ utterance, continues, speaker, signals, names, selected, onSelect, onAdd }: Props) {
  const { t } = useTranslation("corrections");
  return (
    <article className={`utterance s${speaker % 6}${continues ? " continues" : ""}`} data-testid="utterance" data-utterance-id={utterance.utterance_id}>
      <header>
        {!continues && <span className="speaker">{utterance.speaker}</span>}
        {onAdd && (
          <button className="add" onClick={(event) => onAdd(utterance, event.currentTarget.getBoundingClientRect())} aria-label={t("markWhat", { speaker: utterance.speaker, time: clock(utterance.start_ms) })}>
            {t("mark")}
          </button>
        )}
        <time>{clock(utterance.start_ms)}</time>
      </header>
      <p data-words={utterance.utterance_id} dir="auto">
        {pieces<SignalEvent | WireNamed>(utterance.text, [...signals, ...names]).map((piece, at) => (
          <Words key={at} text={piece.text} marks={piece.marks.filter(isSignal)} name={piece.marks.find(isName)} selected={selected} onSelect={onSelect} />
        ))}
      </p>
    </article>
  );
});

function isSignal(mark: SignalEvent | WireNamed): mark is SignalEvent {
  return "utterance_id" in mark;
}

function isName(mark: SignalEvent | WireNamed): mark is WireNamed {
  return !isSignal(mark);
}

function Words({ text: said, marks, name, selected, onSelect }: { text: string; marks: SignalEvent[]; name: WireNamed | undefined; selected: string | undefined; onSelect(signalId: string): void }) {
  const shortest = [...marks].sort((a, b) => a.end - a.start - (b.end - b.start))[0];
  const text = name ? <span className="name" title={said === name.name ? THING_NAMES[name.type] : `${THING_NAMES[name.type]}: ${name.name}`}>{said}</span> : said;
  if (!shortest) return text;
  const kinds = [...new Set(marks.map((one) => one.kind))].join(" ");
  const chosen = marks.some((one) => one.id === selected);
  const open = () => {
    if (window.getSelection()?.isCollapsed !== false) onSelect(shortest.id);
  };
  return (
    <mark
      className={`${kinds}${chosen ? " selected" : ""}`}
      role="button"
      tabIndex={0}
      aria-pressed={chosen}
      onClick={open}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onSelect(shortest.id);
      }}
    >
      {text}
    </mark>
  );
}

export function Partial({ partial, speaker }: { partial: PartialEvent; speaker: number }) {
  const points = [...partial.text];
  const settled = points.slice(0, partial.committed_chars).join("");
  const rest = points.slice(partial.committed_chars).join("");
  return (
    <article className={`utterance partial s${speaker % 6}`} data-testid="partial">
      <header>
        <span className="speaker">{partial.speaker}</span>
        <time>{clock(partial.start_ms)}</time>
      </header>
      <p>{settled}<span className="open">{rest}</span><span className="pulse" aria-hidden="true" /></p>
    </article>
  );
}
