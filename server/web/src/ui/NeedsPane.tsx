// The middle of the call view: the need graph or the same as a list, its folded groups, and the moment that is shown.
import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { advance, foldPerson, isFolded, NO_FOLDS, tidy, toggle, type Folds, type Group } from "../folds";
import { lengthOf, pictureAt } from "../history";
import type { Picture } from "../state";
import type { WireNeed } from "../wire";
import type { Selection } from "../views/CallView";
import { FoldBar } from "./FoldBar";
import { Graph } from "./Graph";
import { NeedList } from "./NeedList";
import { Replay } from "./Replay";
import { TimeSlider } from "./TimeSlider";
import type { Replay as Playing } from "./useReplay";

export type Shape = "graph" | "list";

interface Props {
  picture: Picture;
  /** Needs of the account's earlier calls that were not voiced in this one. */
  earlier: readonly WireNeed[];
  selection: Selection;
  /** The moment of the call that is shown, and what plays an ended call. */
  replay: Playing;
  shape: Shape;
  onShape(shape: Shape): void;
  onNeed(needId: string): void;
  onItem(itemKey: string, needId: string): void;
}

/** Ages are told in minutes. */
const AGE_MS = 15_000;

export const NeedsPane = memo(function NeedsPane(props: Props) {
  const { picture, earlier, selection, replay, shape, onShape, onNeed, onItem } = props;
  const { t } = useTranslation("call");
  const callId = picture.call.call_id;
  const { atMs } = replay;
  const needs = useMemo(() => [...inOrder(picture), ...earlier.filter((one) => !(one.need_id in picture.needs))], [picture.order, picture.needs, earlier]);
  const [folds, change, tidied] = useFolds(needs, callId);
  const past = useMemo(() => (atMs === null ? null : [...inOrder(pictureAt(picture, atMs)), ...earlier]), [picture, atMs, earlier]);
  const drawn = useMemo(() => (past ?? needs).filter((one) => !hidden(folds, one, past !== null)), [past, needs, folds]);
  const placed = useMemo(() => (past === null ? drawn : union(needs.filter((one) => !isFolded(folds, one.need_id)), drawn)), [past, drawn, needs, folds]);
  const speakers = useMemo(() => picture.call.channels.map((one) => one.speaker), [picture.call]);
  const nowMs = useCallTime(picture, atMs);
  const latest = useRef(needs);
  latest.current = needs;
  const [reveal, setReveal] = useState<string | undefined>();
  const home = useRef(folds);
  home.current = folds;
  const onToggle = useCallback((group: Group) => {
    const opens = !home.current.unfolded.has(group);
    setReveal(opens ? latest.current.find((one) => home.current.home[one.need_id] === group)?.need_id : undefined);
    change((now) => toggle(now, latest.current, group), group);
  }, [change]);
  const onFoldPerson = useCallback((name: string) => change((now) => foldPerson(now, latest.current, name)), [change]);
  const ended = picture.ended !== null;
  return (
    <section className="pane graph" aria-label={t("needs")}>
      <div className="pane-title">
        <h2>{t("needs")}</h2>
        <div className="shape" role="group" aria-label={t("shape")}>
          <button aria-pressed={shape === "graph"} onClick={() => onShape("graph")}>{t("asGraph")}</button>
          <button aria-pressed={shape === "list"} data-testid="as-list" onClick={() => onShape("list")}>{t("asList")}</button>
        </div>
      </div>
      {ended && lengthOf(picture) > 0 ? <Replay picture={picture} replay={replay} /> : <TimeSlider picture={picture} atMs={atMs} onAt={replay.seek} />}
      <FoldBar folds={folds} needs={needs} onToggle={onToggle} onTidy={() => change((now) => tidy(now, latest.current))} />
      {drawn.length === 0 && <p className="quiet hint">{ended ? t("noneEnded") : t("noneLive")}</p>}
      {shape === "graph" ? (
        <Graph needs={drawn} placed={placed} tidied={tidied} reveal={reveal} callId={callId} speakers={speakers} nowMs={nowMs} ended={ended} selection={selection} onNeed={onNeed} onItem={onItem} onFoldPerson={onFoldPerson} />
      ) : (
        <NeedList needs={drawn} callId={callId} speakers={speakers} nowMs={nowMs} selection={selection} onNeed={onNeed} onItem={onItem} />
      )}
    </section>
  );
});

function inOrder(picture: Picture): WireNeed[] {
  return picture.order.map((id) => picture.needs[id]).filter((need): need is WireNeed => need !== undefined);
}

/** In the past of a call a need that is settled by now is shown while it was open. */
function hidden(folds: Folds, need: WireNeed, past: boolean): boolean {
  const group = folds.home[need.need_id];
  return isFolded(folds, need.need_id) && !(past && need.status === "open" && group !== "earlier" && !group?.startsWith("person:"));
}

function union(needs: readonly WireNeed[], more: readonly WireNeed[]): WireNeed[] {
  const there = new Set(needs.map((one) => one.need_id));
  return [...needs, ...more.filter((one) => !there.has(one.need_id))];
}

/** The folds; what a person folds lets the rest close up, which `tidied` tells by growing. */
function useFolds(needs: readonly WireNeed[], callId: string): [Folds, (how: (folds: Folds) => Folds, group?: Group) => void, number] {
  const [state, setState] = useState({ folds: NO_FOLDS, tidied: 0 });
  const folds = advance(state.folds, needs, callId);
  if (folds !== state.folds) setState({ ...state, folds });
  const change = useCallback((how: (folds: Folds) => Folds, group?: Group) => {
    setState((now) => {
      const next = how(now.folds);
      const unfolds = group !== undefined && next.unfolded.has(group);
      return { folds: next, tidied: unfolds ? now.tidied : now.tidied + 1 };
    });
  }, []);
  return [folds, change, state.tidied];
}

/** The call's own time, now and then; null while it stands still. */
function useCallTime(picture: Picture, atMs: number | null): number | null {
  const [now, tick] = useState(Date.now);
  const live = picture.ended === null && atMs === null;
  useEffect(() => {
    if (!live) return;
    tick(Date.now());
    const timer = window.setInterval(() => tick(Date.now()), AGE_MS);
    return () => window.clearInterval(timer);
  }, [live]);
  return live ? now - Date.parse(picture.call.started_at) : null;
}
