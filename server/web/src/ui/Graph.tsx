// The need graph: buttons at fixed places over one layer of lines. What is placed never moves.
import { memo, useCallback, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { columns, NOWHERE, place, ROW, rowY, type Places } from "../layout";
import type { WireNeed } from "../wire";
import type { Selection } from "../views/CallView";
import { minutesSince } from "../age";
import { moveWithin } from "./arrows";
import { ItemCard, Need, Person } from "./GraphNode";
import { drawn, type Box, type NeedNode } from "./graphNodes";

interface Props {
  /** Needs that are drawn, in order of arrival. */
  needs: readonly WireNeed[];
  /** Needs that have a place: those drawn, and in the past of the call those of later. */
  placed: readonly WireNeed[];
  /** Grows when a person folded something, so that what is left closes up. */
  tidied: number;
  /** The first need of a group that a person just unfolded: it is scrolled to. */
  reveal: string | undefined;
  callId: string;
  speakers: readonly string[];
  /** Of the call, in ms; null once it ended or while its past is shown. */
  nowMs: number | null;
  ended: boolean;
  selection: Selection;
  onNeed(needId: string): void;
  onItem(itemKey: string, needId: string): void;
  onFoldPerson(name: string): void;
}

export const Graph = memo(function Graph(props: Props) {
  const { needs, selection, callId, speakers } = props;
  const { t } = useTranslation("call");
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const where = usePlaces(props.placed, props.tidied);
  const { persons, needs: nodes } = useMemo(() => drawn({ order: needs, where, columns: columns(width), speakers }), [needs, where, width, speakers]);
  // People may stand lower than the last need; their lines would be cut off.
  const bottom = [...persons, ...nodes].reduce((most, one) => Math.max(most, one.box.y + one.box.height), 0);

  const { above, end, measure } = useWindow(box, width);
  const below = nodes.filter((one) => one.box.y + ROW.need / 2 > end).length;
  const focused = useRef<string | null>(null);
  const seen = nodes.filter((one) => near(one.box, above, end) || one.need.need_id === selection.needId || one.need.need_id === focused.current);
  useLayoutEffect(() => {
    const row = props.reveal === undefined ? undefined : where.needs[props.reveal];
    if (row !== undefined && box.current) bringIntoView(box.current, rowY(row));
  }, [props.reveal]); // a person asked for it, once
  useLayoutEffect(() => {
    const row = selection.needId === undefined ? undefined : where.needs[selection.needId];
    if (row !== undefined && box.current) bringIntoView(box.current, rowY(row));
  }, [selection.needId]); // only when the selection moves: what arrives never scrolls the graph

  const stop = selection.needId !== undefined && nodes.some((one) => one.need.need_id === selection.needId) ? selection.needId : nodes[0]?.need.need_id;
  const chosen = nodes.find((one) => one.need.need_id === selection.needId);
  return (
    <>
      <div className="scroll board" ref={box} onScroll={measure} onFocus={(event) => (focused.current = ownerOf(event.target, nodes))} onKeyDown={(event) => byArrows(event, persons.map((one) => `person:${one.name}`), nodes)}>
        {width > 0 && nodes.length > 0 && (
          <div className="nodes" style={{ height: bottom + 16 }}>
            <svg className="lines" width="100%" height={bottom + 16} aria-hidden="true">
              {seen.map((one) => <path key={one.need.need_id} d={one.lines} />)}
              {chosen && <path className={`chosen ${chosen.need.kind}`} d={chosen.lines} />}
            </svg>
            {persons.map((one) => <Person key={one.name} {...one} onFold={props.onFoldPerson} />)}
            {seen.flatMap((one) => [
              <Need
                key={one.need.need_id}
                need={one.need}
                hidden={one.hidden}
                box={one.box}
                callId={callId}
                minutes={minutesSince(one.need, callId, props.nowMs)}
                ended={props.ended}
                chosen={one.need.need_id === selection.needId}
                stop={one.need.need_id === stop}
                speaker={Math.max(0, speakers.indexOf(one.need.raised_by[0] ?? ""))}
                onNeed={props.onNeed}
              />,
              ...one.items.map(({ key, ...item }) => <ItemCard key={`item ${key}`} {...item} itemKey={key} chosen={selection.itemKey === key} onItem={props.onItem} />),
            ])}
          </div>
        )}
      </div>
      {below > 0 && <button className="more-below" onClick={() => box.current?.scrollTo({ top: box.current.scrollHeight })}>{t("below", { count: below })}</button>}
    </>
  );
});

/** Nodes that far beyond what is seen are there as well, for a quick scroll and for the arrow keys. */
const BEYOND_PX = 8 * ROW.pitch;

function near(box: Box, above: number, end: number): boolean {
  return box.y + box.height > above - BEYOND_PX && box.y < end + BEYOND_PX;
}

/** What is seen of the whole, in steps of rows so that a scroll draws seldom. */
function useWindow(box: { current: HTMLElement | null }, width: number) {
  const [seen, setSeen] = useState({ above: 0, end: 0 });
  const measure = useCallback(() => {
    const at = box.current;
    if (!at || at.clientHeight === 0) return;
    const above = Math.floor(at.scrollTop / ROW.pitch) * ROW.pitch;
    const end = Math.ceil((at.scrollTop + at.clientHeight) / (ROW.pitch / 2)) * (ROW.pitch / 2);
    setSeen((was) => (was.above === above && was.end === end ? was : { above, end }));
  }, [box]);
  useLayoutEffect(measure, [measure, width]);
  return { ...seen, measure };
}

/** The need of the row in which something has the focus: it stays there while it has. */
function ownerOf(target: Element, nodes: readonly NeedNode[]): string | null {
  const id = (target as HTMLElement).dataset["node"];
  return nodes.find((one) => one.need.need_id === id || one.items.some((item) => item.key === id))?.need.need_id ?? null;
}

/** The inner width; kept while the pane is hidden. */
function useWidth(box: { current: HTMLElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const watcher = new ResizeObserver(([entry]) => {
      const now = Math.floor(entry?.contentRect.width ?? 0);
      if (now > 0) setWidth(now);
    });
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, [box]);
  return width;
}

/** Places that grow with what arrives and begin anew when a person folded something. */
function usePlaces(placed: readonly WireNeed[], tidied: number): Places {
  const last = useRef<{ places: Places; tidied: number }>({ places: NOWHERE, tidied });
  return useMemo(() => {
    const before = last.current.tidied === tidied ? last.current.places : NOWHERE;
    last.current = { places: place(before, placed), tidied };
    return last.current.places;
  }, [placed, tidied]);
}

function bringIntoView(box: HTMLElement, top: number): void {
  const margin = ROW.top;
  if (top < box.scrollTop) box.scrollTop = top - margin;
  else if (top + ROW.need > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW.need + margin - box.clientHeight;
}

/** Up and down between needs, right to what answers one, left back and to the persons. */
function byArrows(event: KeyboardEvent<HTMLElement>, persons: string[], nodes: readonly NeedNode[]): void {
  const ids = nodes.map((one) => one.need.need_id);
  const current = (event.target as HTMLElement).dataset["node"];
  if (current === undefined) return;
  const owner = nodes.find((one) => one.items.some((item) => item.key === current));
  const node = nodes.find((one) => one.need.need_id === current);
  const raised = node?.need.raised_by.map((name) => `person:${name}`).find((id) => persons.includes(id));
  const theirs = nodes.find((one) => one.need.raised_by.some((name) => `person:${name}` === current));
  const column = owner ? owner.items.map((item) => item.key) : node ? ids : persons;
  const next = moveWithin(event.key, column, current)
    ?? (event.key === "ArrowRight" ? (node?.items[0]?.key ?? theirs?.need.need_id) : event.key === "ArrowLeft" ? (owner?.need.need_id ?? raised) : undefined);
  if (next === undefined) return;
  event.preventDefault();
  const box = event.currentTarget;
  const focus = () => box.querySelector<HTMLElement>(`[data-node="${CSS.escape(next)}"]`)?.focus();
  const far = nodes.find((one) => one.need.need_id === next);
  if (far) bringIntoView(box, far.box.y);
  // A far one is drawn once the scroll was noticed.
  if (far && !box.querySelector(`[data-node="${CSS.escape(next)}"]`)) requestAnimationFrame(() => requestAnimationFrame(focus));
  else focus();
}
