import { useCallback, useEffect, useMemo, useState } from "react";
import { useRoute } from "../route";
import { Cards } from "../ui/Cards";
import { EndedBanner } from "../ui/EndedBanner";
import { Recap } from "../ui/Recap";
import { Replay } from "../ui/Replay";
import { useReplay } from "../ui/useReplay";
import { pictureAt } from "../history";
import { bestLinks } from "../layout";
import { signalsInOrder, type Picture, type State } from "../state";
import { Details } from "../ui/Details";
import { TimeSlider } from "../ui/TimeSlider";
import { Transcript } from "../ui/Transcript";
import { Graph } from "../ui/Graph";
import { Named } from "../ui/Named";
import { useCorrections } from "../ui/useCorrections";
import { useKeys } from "../ui/useKeys";
import { Waiting } from "../ui/Waiting";

export interface Selection {
  signalId?: string;
  needId?: string;
  itemKey?: string;
}

export function CallView({ state }: { state: State }) {
  if (!state.picture) return <Waiting state={state} />;
  return <OneCall key={state.picture.call.call_id} picture={state.picture} />;
}

function OneCall({ picture }: { picture: Picture }) {
  const [selection, setSelection] = useState<Selection>({});
  const [editing, setEditing] = useState(false);
  const [shown, setShown] = useState<{ utteranceId: string; nonce: number } | null>(null);
  const corrections = useCorrections(picture);
  const replay = useReplay(picture);
  const { atMs, seek: setAtMs } = replay;
  const route = useRoute();
  const past = useMemo(() => (atMs === null ? picture : pictureAt(picture, atMs)), [picture, atMs]);
  const ordered = useMemo(() => signalsInOrder(picture), [picture]);

  const select = useCallback((next: Selection) => {
    setSelection(next);
    setEditing(false);
  }, []);
  const scrollTo = useCallback((utteranceId: string) => setShown((last) => ({ utteranceId, nonce: (last?.nonce ?? 0) + 1 })), []);

  const named = route.view === "call" && route.callId === picture.call.call_id ? route.at : undefined;
  useEffect(() => {
    if (named !== undefined) scrollTo(named);
  }, [named, scrollTo]);

  const selectSignal = useCallback((signalId: string) => {
    const signal = picture.signals[signalId];
    if (signal) select({ signalId, ...(signal.need_id ? { needId: signal.need_id } : {}) });
  }, [picture, select]);

  const selectNeed = useCallback((needId: string) => {
    const signalId = picture.needs[needId]?.mentions.at(-1)?.signal_id;
    select({ needId, ...(signalId ? { signalId } : {}) });
  }, [picture, select]);

  const active = selection.signalId ? picture.signals[selection.signalId] : undefined;
  const step = (by: 1 | -1) => {
    const at = ordered.findIndex((one) => one.id === selection.signalId);
    const next = at < 0 ? ordered.at(by > 0 ? 0 : -1) : ordered[Math.min(ordered.length - 1, Math.max(0, at + by))];
    if (!next) return;
    selectSignal(next.id);
    scrollTo(next.utterance_id);
  };
  const open = () => {
    const need = selection.needId ? picture.needs[selection.needId] : undefined;
    const key = need && bestLinks(need)[0]?.key;
    if (key) select({ ...selection, itemKey: key });
    else document.getElementById("details")?.focus();
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    Enter: open,
    c: () => active && corrections.confirm(active),
    x: () => active && corrections.refuse(active),
    e: () => active && setEditing(true),
    u: corrections.undoLast,
    Escape: () => (editing ? setEditing(false) : select(selection.itemKey ? withoutItem(selection) : {})),
  });

  return (
    <>
    <EndedBanner picture={picture} />
    <Replay picture={picture} replay={replay} />
    <Named picture={picture} onShow={scrollTo} />
    <main className={selection.needId || selection.signalId ? "call has-selection" : "call"}>
      <Transcript picture={picture} selected={selection.signalId} onSelect={selectSignal} shown={shown} onAdd={corrections.add} />
      <Graph picture={past} selection={selection} time={<TimeSlider picture={picture} atMs={atMs} onAt={setAtMs} />} onNeed={selectNeed} onItem={(itemKey, needId) => {
        const signalId = picture.needs[needId]?.mentions.at(-1)?.signal_id;
        select({ itemKey, needId, ...(signalId ? { signalId } : {}) });
      }} />
      <Details
        picture={picture}
        selection={selection}
        editing={editing}
        corrections={corrections}
        onSelect={select}
        onEditing={setEditing}
        onScrollTo={scrollTo}
      />
      <NeedNews picture={picture} />
    </main>
    <Recap picture={picture} onShow={scrollTo} />
    <Cards picture={picture} onShow={scrollTo} />
    </>
  );
}

function withoutItem({ itemKey: _, ...rest }: Selection): Selection {
  return rest;
}

/** Tells screen readers of new needs, politely. */
function NeedNews({ picture }: { picture: Picture }) {
  const [news, tell] = useState("");
  const last = picture.order.at(-1);
  const need = last ? picture.needs[last] : undefined;
  const text = need ? `New ${need.kind}: ${need.label}` : "";
  useEffect(() => tell(text), [last]); // once for each new need, not for each change of it
  return <p className="sr" aria-live="polite">{news}</p>;
}
