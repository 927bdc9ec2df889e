import { Handle, Position, ReactFlow, ReactFlowProvider, type Edge, type Node, type NodeProps } from "@xyflow/react";
import { useCallback, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { titleOf, useShared } from "../context";
import { columns, NOWHERE, place, ROW, rowY, type Places } from "../layout";
import type { Picture } from "../state";
import { disputed } from "../text";
import type { WireNeed } from "../wire";
import type { Selection } from "../views/CallView";
import { drawn, type ItemNode, type NeedNode, type PersonNode } from "./graphNodes";
import { Dots, ITEM_NAMES, MaySay, STATUS_NAMES } from "./bits";

interface Props {
  picture: Picture;
  selection: Selection;
  /** Chooses the moment that is drawn. */
  time: ReactNode;
  onNeed(needId: string): void;
  onItem(itemKey: string, needId: string): void;
}

const NODE_TYPES = { person: Person, need: Need, item: ItemCard };
const FIXED = { x: 0, y: 0, zoom: 1 };

export function Graph({ picture, selection, time, onNeed, onItem }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const places = useRef<Places>(NOWHERE);
  useLayoutEffect(() => {
    const watcher = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    if (box.current) watcher.observe(box.current);
    return () => watcher.disconnect();
  }, []);

  const order = useMemo(() => picture.order.map((id) => picture.needs[id]).filter((need): need is WireNeed => need !== undefined), [picture.order, picture.needs]);
  const where = useMemo(() => (places.current = place(places.current, order)), [order]);
  const speakers = useMemo(() => picture.call.channels.map((one) => one.speaker), [picture.call]);
  const { nodes, edges } = useMemo(
    () => drawn({ order, where, columns: columns(width), selection, speakers, ended: picture.ended !== null }),
    [order, where, width, selection, speakers, picture.ended],
  );
  const [below, setBelow] = useState(0);
  useLayoutEffect(() => {
    const row = selection.needId === undefined ? undefined : where.needs[selection.needId];
    if (row !== undefined && box.current) bringIntoView(box.current, rowY(row), ROW.need);
  }, [selection.needId]); // only when the selection moves: what arrives never scrolls the graph
  const measure = useCallback(() => {
    const end = (box.current?.scrollTop ?? 0) + (box.current?.clientHeight ?? 0);
    setBelow(Object.values(where.needs).filter((row) => rowY(row) + ROW.need / 2 > end).length);
  }, [where]);
  useLayoutEffect(measure, [measure, width]);
  const rows = Math.max(0, ...Object.values(where.needs).map((row) => row + 1));
  const pressed = (node: Node) => {
    if (node.type === "need") onNeed(node.id);
    if (node.type === "item") onItem(node.id, (node as ItemNode).data.needId);
  };
  return (
    <section className="pane graph" aria-label="Needs and hesitations">
      <h2 className="pane-title">
        Needs and hesitations
        <span className="legend"><i className="need" />need <i className="hesitation" />hesitation</span>
      </h2>
      {time}
      <div className="scroll" ref={box} tabIndex={-1} onScroll={measure}>
        {order.length === 0 && <p className="quiet hint">{picture.ended ? "No needs or hesitations were found in this call." : "Needs and hesitations of the customer appear here as they are voiced."}</p>}
        {width > 0 && (
          <div style={{ height: rowY(rows) + 4 }}>
            <ReactFlowProvider>
              <ReactFlow
                nodes={nodes}
                edges={edges as Edge[]}
                nodeTypes={NODE_TYPES}
                defaultViewport={FIXED}
                onNodeClick={(_, node) => pressed(node)}
                minZoom={1}
                maxZoom={1}
                panOnDrag={false}
                zoomOnScroll={false}
                zoomOnPinch={false}
                zoomOnDoubleClick={false}
                preventScrolling={false}
                nodesDraggable={false}
                nodesConnectable={false}
                nodesFocusable={false}
                edgesFocusable={false}
                elementsSelectable={false}
                proOptions={{ hideAttribution: true }}
              />
            </ReactFlowProvider>
          </div>
        )}
      </div>
      {below > 0 && <button className="more-below" onClick={() => box.current?.scrollTo({ top: box.current.scrollHeight, behavior: "smooth" })}>{below} more below</button>}
    </section>
  );
}

function bringIntoView(box: HTMLElement, top: number, height: number): void {
  const margin = ROW.top;
  if (top < box.scrollTop) box.scrollTop = top - margin;
  else if (top + height > box.scrollTop + box.clientHeight) box.scrollTop = top + height + margin - box.clientHeight;
}

function Ends() {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}

function Person({ data }: NodeProps<PersonNode>) {
  return (
    <div className={`node person s${data.speaker % 6}`} style={{ height: ROW.person }}>
      <span>{data.name}</span>
      <Ends />
    </div>
  );
}

function Need({ id, data }: NodeProps<NeedNode>) {
  const { labels } = useShared();
  const { need, hidden, chosen, ended } = data;
  const state = need.links.length > 0 ? null : need.linked ? "no good match" : ended ? "not linked" : "looking…";
  return (
    <button
      type="button"
      className={`node need-node ${need.kind} ${need.status}${chosen ? " chosen" : ""}`}
      style={{ height: ROW.need }}
      data-testid="need-node"
      data-need-id={id}
      aria-pressed={chosen}
      aria-label={`${need.kind} ${titleOf(labels, need.type)}: ${need.label}${need.status === "open" ? "" : `, ${STATUS_NAMES[need.status]}`}${need.disputed_by.length > 0 ? `, ${disputed(need.disputed_by)}` : ""}`}
    >
      <span className="node-head">
        <b>{titleOf(labels, need.type)}</b>
        <Dots kind={need.kind} strength={need.strength} />
      </span>
      <span className="node-label" title={need.label}>{need.label}</span>
      <span className="node-foot">
        {need.mentions.length > 1 && <span>said {need.mentions.length} times</span>}
        {need.status !== "open" && <span className={`state ${need.status}`}>{STATUS_NAMES[need.status]}</span>}
        {need.disputed_by.length > 0 && <span className="disputed" title={disputed(need.disputed_by)}>disputed</span>}
        {state && <span className={state === "looking…" ? "looking" : "abstained"}>{state}</span>}
        {hidden > 0 && <span>+{hidden} more</span>}
      </span>
      <Ends />
    </button>
  );
}

function ItemCard({ data }: NodeProps<ItemNode>) {
  const { link, chosen } = data;
  return (
    <button
      type="button"
      className={`node item-node${chosen ? " chosen" : ""}`}
      style={{ height: ROW.item }}
      data-testid="item-node"
      title={link.title}
      aria-pressed={chosen}
      aria-label={`${ITEM_NAMES[link.kind]}: ${link.title}, score ${link.score.toFixed(2)}${link.may_say === false ? ", do not say" : ""}`}
    >
      <span className="node-head">
        <span className="item-kind">{ITEM_NAMES[link.kind]}</span>
        {link.may_say === false && <MaySay maySay={false} />}
        <span className="score">{link.score.toFixed(2)}</span>
      </span>
      <span className="item-title">{link.title}</span>
      <Ends />
    </button>
  );
}

