import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useShared } from "../context";
import { namesIn } from "../names";
import type { Picture } from "../state";
import { selectedPoints, toCodePoints, type Span } from "../text";
import type { SignalEvent, UtteranceEvent } from "../wire";
import { OnWords } from "./OnWords";
import { Partial, Utterance } from "./Utterance";
import { unitsOfSelection } from "./selection";
import type { Corrections } from "./useCorrections";

interface Props {
  picture: Picture;
  selected: string | undefined;
  onSelect(signalId: string): void;
  shown: { utteranceId: string; nonce: number } | null;
  corrections: Pick<Corrections, "add" | "reword">;
}

/** How close to its end the transcript counts as following. */
const NEAR_PX = 48;

export function Transcript({ picture, selected, onSelect, shown, corrections }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [following, follow] = useState(true);
  const [adding, setAdding] = useState<{ utterance: UtteranceEvent; span: Span; top: number; left: number } | null>(null);
  const { me } = useShared();
  const mayAdd = me?.can.includes("annotate") ?? true;
  const bySentence = useMemo(() => grouped(picture.signals), [picture.signals]);
  const speakers = useMemo(() => new Map(picture.call.channels.map((one, at) => [one.channel, { at, role: one.role }])), [picture.call]);
  const partials = Object.values(picture.partials).sort((a, b) => a.start_ms - b.start_ms);

  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [following, picture.utterances, picture.partials]);

  useEffect(() => {
    if (!shown) return;
    follow(false);
    const row = box.current?.querySelector(`[data-utterance-id="${CSS.escape(shown.utteranceId)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.classList.remove("flash");
    requestAnimationFrame(() => row?.classList.add("flash"));
  }, [shown]);

  const pick = () => {
    const found = mayAdd ? unitsOfSelection(box.current) : null;
    const utterance = found && picture.utterances.find((one) => one.utterance_id === found.id);
    if (!utterance) return;
    const span = selectedPoints(utterance.text, found.units);
    if (span) setAdding({ utterance, span, top: found.bottom, left: found.left });
  };
  const addTo = (utterance: UtteranceEvent, { bottom: top, left }: DOMRect) => {
    setAdding({ utterance, span: { start: 0, end: toCodePoints(utterance.text, utterance.text.length) }, top, left });
  };

  return (
    <section className="pane transcript" aria-label="Transcript">
      <h2 className="pane-title">Transcript</h2>
      <div
        ref={box}
        className="scroll"
        data-testid="transcript"
        role="log"
        aria-live="off"
        tabIndex={0}
        onScroll={({ currentTarget: at }) => {
          const near = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_PX;
          if (near !== following) follow(near);
        }}
        onMouseUp={() => window.setTimeout(pick)}
      >
        {picture.utterances.length === 0 && partials.length === 0 && <p className="quiet hint">Nobody has spoken yet.</p>}
        {picture.utterances.map((one, at) => (
          <Utterance
            key={one.utterance_id}
            utterance={one}
            continues={picture.utterances[at - 1]?.channel === one.channel}
            speaker={speakers.get(one.channel)?.at ?? 0}
            signals={bySentence.get(one.utterance_id) ?? NONE}
            names={namesIn(picture, one.utterance_id, one.revision)}
            selected={selected}
            onSelect={onSelect}
            {...(mayAdd ? { onAdd: addTo } : {})}
          />
        ))}
        {partials.map((one) => <Partial key={one.utterance_id} partial={one} speaker={speakers.get(one.channel)?.at ?? 0} />)}
      </div>
      {!following && !picture.ended && <button className="jump" onClick={() => follow(true)}>Jump to live</button>}
      {adding && <OnWords key={`${adding.utterance.utterance_id}:${adding.span.start}:${adding.span.end}`} {...adding} corrections={corrections} onClose={() => setAdding(null)} />}
    </section>
  );
}

const NONE: SignalEvent[] = [];

function grouped(signals: Record<string, SignalEvent>): Map<string, SignalEvent[]> {
  const groups = new Map<string, SignalEvent[]>();
  for (const signal of Object.values(signals)) {
    const group = groups.get(signal.utterance_id);
    if (group) group.push(signal);
    else groups.set(signal.utterance_id, [signal]);
  }
  return groups;
}
