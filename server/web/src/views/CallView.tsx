import { memo, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useShared } from "../context";
import { useRoute } from "../route";
import { Cards } from "../ui/Cards";
import { Recap } from "../ui/Recap";
import { useReplay } from "../ui/useReplay";
import { bestLinks } from "../layout";
import { signalsInOrder, type Picture, type State } from "../state";
import { Details } from "../ui/Details";
import { Named } from "../ui/Named";
import { NeedsPane, type Shape } from "../ui/NeedsPane";
import { OpenItems } from "../ui/OpenItems";
import { PaneTabs, type Pane } from "../ui/PaneTabs";
import { Transcript } from "../ui/Transcript";
import { useCorrections } from "../ui/useCorrections";
import { useKeys } from "../ui/useKeys";
import { Waiting } from "../ui/Waiting";
import { useEarlier } from "../useEarlier";
import { OpenWordsContext, useOpenWords, useStill } from "../useStill";

export interface Selection {
  signalId?: string;
  needId?: string;
  itemKey?: string;
}

export function CallView({ state }: { state: State }) {
  if (!state.picture) return <Waiting state={state} />;
  return <LiveCall key={state.picture.call.call_id} picture={state.picture} />;
}

function LiveCall({ picture }: { picture: Picture }) {
  return (
    <OpenWordsContext value={useOpenWords(picture.partials)}>
      <OneCall picture={useStill(picture)} />
    </OpenWordsContext>
  );
}

/** The picture with needs of earlier calls, so that their details can be opened. */
function useWhole(picture: Picture): { whole: Picture; earlier: ReturnType<typeof useEarlier> } {
  const { api } = useShared();
  const earlier = useEarlier(api, picture.call.account, picture.call.call_id);
  const whole = useMemo(
    () => (earlier.length === 0 ? picture : { ...picture, needs: { ...Object.fromEntries(earlier.map((one) => [one.need_id, one])), ...picture.needs } }),
    [picture, earlier],
  );
  return { whole, earlier };
}

const OneCall = memo(function OneCall({ picture }: { picture: Picture }) {
  const { whole, earlier } = useWhole(picture);
  const [selection, setSelection] = useState<Selection>({});
  const [editing, setEditing] = useState(false);
  const [shown, setShown] = useState<{ utteranceId: string; nonce: number } | null>(null);
  const replay = useReplay(picture);
  const [pane, setPane] = useState<Pane>("graph");
  const [shape, setShape] = useState<Shape>("graph");
  const [finding, setFinding] = useState(0);
  const corrections = useCorrections(picture);
  const ordered = useMemo(() => signalsInOrder(picture), [picture.signals]);
  const latest = useRef(whole);
  latest.current = whole;

  const select = useCallback((next: Selection) => {
    setSelection(next);
    setEditing(false);
  }, []);
  const scrollTo = useCallback((utteranceId: string) => {
    setShown((last) => ({ utteranceId, nonce: (last?.nonce ?? 0) + 1 }));
    setPane("words");
  }, []);
  const route = useRoute();
  const named = route.view === "call" && route.callId === picture.call.call_id ? route.at : undefined;
  useEffect(() => {
    if (named !== undefined) scrollTo(named);
  }, [named, scrollTo]);

  const pickSignal = useCallback((signalId: string) => {
    const signal = latest.current.signals[signalId];
    if (signal) select({ signalId, ...(signal.need_id ? { needId: signal.need_id } : {}) });
  }, [select]);
  const onSignal = useCallback((signalId: string) => {
    pickSignal(signalId);
    setPane("details");
  }, [pickSignal]);
  const onNeed = useCallback((needId: string) => {
    select({ needId, ...lastSignal(latest.current, needId) });
    setPane("details");
  }, [select]);
  const onItem = useCallback((itemKey: string, needId: string) => {
    select({ itemKey, needId, ...lastSignal(latest.current, needId) });
    setPane("details");
  }, [select]);
  const onFinding = useCallback((open: boolean) => setFinding((asked) => (open ? asked + 1 : 0)), []);

  const step = (by: 1 | -1) => {
    const at = ordered.findIndex((one) => one.id === selection.signalId);
    const next = at < 0 ? ordered.at(by > 0 ? 0 : -1) : ordered[Math.min(ordered.length - 1, Math.max(0, at + by))];
    if (!next) return;
    pickSignal(next.id);
    setShown((last) => ({ utteranceId: next.utterance_id, nonce: (last?.nonce ?? 0) + 1 }));
  };
  const open = () => {
    const need = selection.needId ? whole.needs[selection.needId] : undefined;
    const key = need && bestLinks(need)[0]?.key;
    if (key) select({ ...selection, itemKey: key });
    else document.getElementById("details")?.focus();
  };
  const active = selection.signalId ? picture.signals[selection.signalId] : undefined;
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    l: () => setShape((now) => (now === "graph" ? "list" : "graph")),
    "/": () => {
      setPane("words");
      onFinding(true);
    },
    Enter: open,
    c: () => active && corrections.confirm(active),
    x: () => active && corrections.refuse(active),
    e: () => active && setEditing(true),
    u: corrections.undoLast,
    Escape: () => (editing ? setEditing(false) : select(selection.itemKey ? withoutItem(selection) : {})),
  });

  return (
    <main id="content" tabIndex={-1} className={`call-view on-${pane}`}>
      <div className="strips">
        <OpenItems picture={picture} onNeed={onNeed} />
        <Named picture={picture} onShow={scrollTo} />
      </div>
      <PaneTabs pane={pane} onPane={setPane} words={picture.utterances.length} needs={picture.order.length} chosen={selection.needId !== undefined || selection.signalId !== undefined} replay={picture.ended === null ? null : replay} />
      <div className={`call${selection.needId || selection.signalId ? " has-selection" : ""}`}>
        <Transcript picture={picture} selected={selection.signalId} onSelect={onSignal} shown={shown} finding={finding} onFinding={onFinding} corrections={corrections} />
        <NeedsPane picture={picture} earlier={earlier} selection={selection} replay={replay} shape={shape} onShape={setShape} onNeed={onNeed} onItem={onItem} />
        <Details picture={whole} selection={selection} editing={editing} corrections={corrections} onSelect={select} onEditing={setEditing} onScrollTo={scrollTo} />
        <Cards picture={picture} onShow={scrollTo} />
        <NeedNews picture={picture} />
      </div>
      <Recap picture={picture} onShow={scrollTo} />
    </main>
  );
});

function lastSignal(picture: Picture, needId: string): Pick<Selection, "signalId"> {
  const signalId = picture.needs[needId]?.mentions.at(-1)?.signal_id;
  return signalId ? { signalId } : {};
}

function withoutItem({ itemKey: _, ...rest }: Selection): Selection {
  return rest;
}

/** Tells screen readers of new needs, politely. */
const NeedNews = memo(function NeedNews({ picture }: { picture: Picture }) {
  const { t } = useTranslation(["call", "common"]);
  const [news, tell] = useState("");
  const last = picture.order.at(-1);
  const need = last ? picture.needs[last] : undefined;
  const text = need ? t("call:news", { kind: t(`common:kind.${need.kind}`), label: need.label }) : "";
  useEffect(() => tell(text), [last]); // once for each new need, not for each change of it
  return <p className="sr" aria-live="polite">{news}</p>;
});
