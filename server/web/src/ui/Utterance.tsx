import { memo, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { titleOf, useShared } from "../context";
import { cutLine, evidenceOf, LONG, type Cut } from "../lines";
import { clock } from "../text";
import type { PartialEvent, SignalEvent, UtteranceEvent, WireNamed } from "../wire";

interface Props {
  utterance: UtteranceEvent;
  /** The one before it was said by the same person. */
  continues: boolean;
  speaker: number;
  signals: SignalEvent[];
  names: readonly WireNamed[];
  /** The chosen signal, if it is one of this utterance's. */
  selected: string | undefined;
  onSelect(signalId: string): void;
  onAdd: ((utterance: UtteranceEvent, at: DOMRect) => void) | undefined;
}

export const Utterance = memo(function Utterance({ utterance, continues, speaker, signals, names, selected, onSelect, onAdd }: Props) {
  const { t } = useTranslation(["call", "corrections"]);
  const { text } = utterance;
  const long = text.length > LONG;
  const [whole, show] = useState(false);
  useEffect(() => {
    if (selected !== undefined) show(true);
  }, [selected]);
  const cuts = useMemo(() => cutLine(text, signals, names), [text, signals, names]);
  return (
    <article className={`utterance s${speaker % 6}${continues ? " continues" : ""}`} data-testid="utterance" data-utterance-id={utterance.utterance_id}>
      <header>
        {!continues && <span className="speaker">{utterance.speaker}</span>}
        {onAdd && (
          <button className="add" onClick={(event) => onAdd(utterance, event.currentTarget.getBoundingClientRect())} aria-label={t("corrections:markWhat", { speaker: utterance.speaker, time: clock(utterance.start_ms) })}>
            {t("corrections:mark")}
          </button>
        )}
        <time>{clock(utterance.start_ms)}</time>
      </header>
      <p data-words={utterance.utterance_id} dir="auto" className={long && !whole ? "folded" : undefined} onFocus={long && !whole ? () => show(true) : undefined}>
        {cuts.map((cut, at) => <Words key={at} cut={cut} text={text} selected={selected} onSelect={onSelect} />)}
      </p>
      {long && <button className="link" aria-expanded={whole} onClick={() => show(!whole)}>{whole ? t("showLess") : t("showAll", { count: [...text].length })}</button>}
    </article>
  );
});

interface WordsProps {
  cut: Cut;
  text: string;
  selected: string | undefined;
  onSelect(signalId: string): void;
}

function Words({ cut, text, selected, onSelect }: WordsProps) {
  const { t } = useTranslation(["call", "terms"]);
  const { labels } = useShared();
  const marks = cut.signals;
  const shortest = marks.reduce<SignalEvent | undefined>((best, one) => (best && best.end - best.start <= one.end - one.start ? best : one), undefined);
  const said = cut.name ? <span className="name" title={nameOf(cut.name)}>{cut.text}</span> : cut.text;
  const words = cut.hedging ? <span className={`hedging ${cut.hedging}`}>{said}</span> : said;
  if (!shortest) return words;
  const chosen = marks.some((one) => one.id === selected);
  const evidence = marks.flatMap((one) => [
    t("call:evidence.reads", { kind: t(`terms:kinds.${one.kind}`), type: titleOf(labels, one.signal_type), strength: t(`terms:strength.${one.kind}.s${one.strength}`) }),
    ...evidenceOf(text, one),
  ]).join("\n");
  return (
    <mark
      className={`${[...new Set(marks.map((one) => one.kind))].join(" ")}${chosen ? " selected" : ""}${cut.timed ? " timed" : ""}`}
      role="button"
      tabIndex={0}
      aria-pressed={chosen}
      aria-description={evidence}
      data-evidence={evidence}
      onClick={() => {
        if (window.getSelection()?.isCollapsed !== false) onSelect(shortest.id);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        onSelect(shortest.id);
      }}
    >
      {words}
    </mark>
  );

  function nameOf(name: WireNamed): string {
    const thing = t(`terms:thing.${name.type}`);
    return cut.text === name.name ? thing : `${thing}: ${name.name}`;
  }
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
