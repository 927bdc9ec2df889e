import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useShared } from "../context";
import { find, type Found } from "../find";
import { namesIn } from "../names";
import { blocksOf, groupedBy, type Block } from "../stable";
import type { Picture } from "../state";
import { selectedPoints, toCodePoints, type Span } from "../text";
import { usePartials } from "../useStill";
import type { SignalEvent, UtteranceEvent } from "../wire";
import { Evidence } from "./Evidence";
import { FindBar } from "./FindBar";
import { highlight } from "./highlight";
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
  /** Grows when the search is asked for by its key; 0 while it is closed. */
  finding: number;
  onFinding(open: boolean): void;
}

/** How close to its end the transcript counts as following. */
const NEAR_PX = 48;
const NO_SIGNALS: SignalEvent[] = [];
const NOTHING: Found[] = [];

export function Transcript({ picture, selected, onSelect, shown, finding, onFinding, corrections }: Props) {
  const { t } = useTranslation("call");
  const box = useRef<HTMLDivElement>(null);
  const { following, follow, fresh, scrolled } = useFollowing(box, picture.utterances.length);
  const [adding, setAdding] = useState<{ utterance: UtteranceEvent; span: Span; top: number; left: number } | null>(null);
  const { me } = useShared();
  const mayAdd = me?.can.includes("annotate") ?? true;

  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [following, picture.utterances]);

  const goTo = useCallback((utteranceId: string) => {
    follow(false);
    const row = box.current?.querySelector(`[data-utterance-id="${CSS.escape(utteranceId)}"]`);
    row?.scrollIntoView({ block: "center" });
    row?.classList.remove("flash");
    requestAnimationFrame(() => row?.classList.add("flash"));
  }, [follow]);
  useEffect(() => {
    if (shown) goTo(shown.utteranceId);
  }, [shown, goTo]);

  const pick = () => {
    const found = mayAdd ? unitsOfSelection(box.current) : null;
    const utterance = found && picture.utterances.find((one) => one.utterance_id === found.id);
    if (!utterance) return;
    const span = selectedPoints(utterance.text, found.units);
    if (span) setAdding({ utterance, span, top: found.bottom, left: found.left });
  };
  const addTo = useCallback((utterance: UtteranceEvent, { bottom: top, left }: DOMRect) => {
    setAdding({ utterance, span: { start: 0, end: toCodePoints(utterance.text, utterance.text.length) }, top, left });
  }, []);

  return (
    <section className="pane transcript" aria-label={t("transcript")}>
      <div className="pane-title">
        <h2>{t("transcript")}</h2>
        <button className="icon" data-testid="find" aria-label={t("find.open")} title={`${t("find.open")} (/)`} aria-expanded={finding > 0} onClick={() => onFinding(finding === 0)}>
          <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true"><path d="M8.5 3a5.5 5.5 0 1 1 0 11a5.5 5.5 0 0 1 0-11M12.5 12.5l5 5" fill="none" stroke="currentColor" strokeWidth="1.8" /></svg>
        </button>
      </div>
      {finding > 0 && <Find picture={picture} box={box} asked={finding} onGoTo={goTo} onClose={() => onFinding(false)} />}
      <div ref={box} className="scroll" data-testid="transcript" role="log" aria-live="off" aria-label={t("transcript")} tabIndex={0} onScroll={scrolled} onMouseUp={() => window.setTimeout(pick)}>
        <Lines picture={picture} selected={selected} onSelect={onSelect} onAdd={mayAdd ? addTo : undefined} />
        <Open picture={picture} box={box} following={following} />
      </div>
      {!following && !picture.ended && (
        <button className="jump" onClick={() => follow(true)}>{fresh > 0 ? t("fresh", { count: fresh }) : t("jump")}</button>
      )}
      <Evidence box={box} />
      {adding && <OnWords key={`${adding.utterance.utterance_id}:${adding.span.start}:${adding.span.end}`} {...adding} corrections={corrections} onClose={() => setAdding(null)} />}
    </section>
  );
}

/** The transcript follows the newest words until somebody scrolls up; then it counts what came. */
function useFollowing(box: { current: HTMLElement | null }, count: number) {
  const [following, setFollowing] = useState(true);
  const [seen, setSeen] = useState(0);
  const now = useRef(count);
  now.current = count;
  const follow = useCallback((on: boolean) => {
    setFollowing(on);
    if (!on) setSeen(now.current);
  }, []);
  const top = useRef(0);
  const scrolled = useCallback(() => {
    const at = box.current;
    // A pane that is hidden behind another tab has no height and says nothing.
    if (!at || at.clientHeight === 0) return;
    const near = at.scrollHeight - at.scrollTop - at.clientHeight < NEAR_PX;
    // Only who goes up stops following: the end also moves away when lines turn out taller than was guessed.
    const up = at.scrollTop < top.current;
    top.current = at.scrollTop;
    setFollowing((was) => {
      if (was && !near && up) setSeen(now.current);
      if (was && !near && !up) at.scrollTop = at.scrollHeight;
      return near || (was && !up);
    });
  }, [box]);
  useLayoutEffect(() => {
    // Back from behind another tab of the narrow window: what came meanwhile is followed.
    const watcher = new ResizeObserver(() => {
      setFollowing((on) => {
        if (on && box.current) box.current.scrollTop = box.current.scrollHeight;
        return on;
      });
    });
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, [box]);
  return { following, follow, fresh: count - seen, scrolled };
}

interface LinesProps {
  picture: Picture;
  selected: string | undefined;
  onSelect(signalId: string): void;
  onAdd: ((utterance: UtteranceEvent, at: DOMRect) => void) | undefined;
}

const Lines = memo(function Lines({ picture, selected, onSelect, onAdd }: LinesProps) {
  const signals = useRef<ReadonlyMap<string, SignalEvent[]>>(new Map());
  const blocks = useRef<readonly Block[]>([]);
  const bySentence = useMemo(() => (signals.current = groupedBy(signals.current, picture.signals)), [picture.signals]);
  const all = useMemo(() => (blocks.current = blocksOf(blocks.current, picture.utterances)), [picture.utterances]);
  const speakers = useMemo(() => new Map(picture.call.channels.map((one, at) => [one.channel, at])), [picture.call]);
  const home = selected === undefined ? undefined : picture.signals[selected]?.utterance_id;
  return all.map((block, at) => (
    <Lined
      key={at}
      block={block}
      recent={at >= all.length - 2}
      groups={versionOf(block, bySentence, picture)}
      speakers={speakers}
      selected={home !== undefined && block.lines.some((one) => one.utterance_id === home) ? selected : undefined}
      onSelect={onSelect}
      onAdd={onAdd}
    />
  ));
});

interface Groups {
  signals: SignalEvent[][];
  names: ReturnType<typeof namesIn>[];
}

function versionOf(block: Block, signals: ReadonlyMap<string, SignalEvent[]>, picture: Picture): Groups {
  return {
    signals: block.lines.map((one) => signals.get(one.utterance_id) ?? NO_SIGNALS),
    names: block.lines.map((one) => namesIn(picture, one.utterance_id, one.revision)),
  };
}

interface LinedProps {
  block: Block;
  /** At the end, where heights have to be true for the transcript to follow. */
  recent: boolean;
  groups: Groups;
  speakers: ReadonlyMap<string, number>;
  selected: string | undefined;
  onSelect(signalId: string): void;
  onAdd: ((utterance: UtteranceEvent, at: DOMRect) => void) | undefined;
}

function sameBlock(a: LinedProps, b: LinedProps): boolean {
  const plain = a.block === b.block && a.recent === b.recent && a.speakers === b.speakers && a.selected === b.selected && a.onSelect === b.onSelect && a.onAdd === b.onAdd;
  return plain && a.groups.signals.every((one, at) => one === b.groups.signals[at]) && a.groups.names.every((one, at) => one === b.groups.names[at]);
}

/** Some lines together: what arrives elsewhere does not draw them again. */
const Lined = memo(function Lined({ block, recent, groups, speakers, selected, onSelect, onAdd }: LinedProps) {
  const line = (one: UtteranceEvent, at: number) => {
    const signals = groups.signals[at] ?? NO_SIGNALS;
    return (
      <Utterance
        key={one.utterance_id}
        utterance={one}
        continues={(at > 0 ? block.lines[at - 1] : block.before)?.channel === one.channel}
        speaker={speakers.get(one.channel) ?? 0}
        signals={signals}
        names={groups.names[at] ?? []}
        selected={selected !== undefined && signals.some((signal) => signal.id === selected) ? selected : undefined}
        onSelect={onSelect}
        onAdd={onAdd}
      />
    );
  };
  return <div className={recent ? "lines-block recent" : "lines-block"}>{block.lines.map(line)}</div>;
}, sameBlock);

function Open({ picture, box, following }: { picture: Picture; box: { current: HTMLElement | null }; following: boolean }) {
  const { t } = useTranslation("call");
  const partials = usePartials();
  useLayoutEffect(() => {
    if (following && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [box, following, partials]);
  const at = (channel: string) => Math.max(0, picture.call.channels.findIndex((one) => one.channel === channel));
  const open = Object.values(partials).sort((a, b) => a.start_ms - b.start_ms);
  if (open.length === 0 && picture.utterances.length === 0) return <p className="quiet hint">{t("nobody")}</p>;
  return open.map((one) => <Partial key={one.utterance_id} partial={one} speaker={at(one.channel)} />);
}

interface FindProps {
  picture: Picture;
  box: { current: HTMLElement | null };
  asked: number;
  onGoTo(utteranceId: string): void;
  onClose(): void;
}

function Find({ picture, box, asked, onGoTo, onClose }: FindProps) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const found = useMemo(() => (query.trim() === "" ? NOTHING : find(picture.utterances, query)), [picture.utterances, query]);
  const current = found[Math.min(at, found.length - 1)];
  useEffect(() => {
    if (current) onGoTo(current.utteranceId);
  }, [current?.utteranceId, current?.start, onGoTo]);
  useEffect(() => {
    highlight(box.current, found, current);
    return () => highlight(null, NOTHING, undefined);
  }, [box, found, current]);
  const step = (by: 1 | -1) => setAt((now) => (found.length === 0 ? 0 : (Math.min(now, found.length - 1) + by + found.length) % found.length));
  const change = (next: string) => {
    setQuery(next);
    setAt(0);
  };
  return <FindBar query={query} asked={asked} at={Math.min(at, found.length - 1) + 1} count={found.length} onQuery={change} onStep={step} onClose={onClose} />;
}
