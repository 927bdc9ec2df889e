// The nodes of the graph: plain buttons with a place and a size of their own.
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { ageOf, isEarlier } from "../age";
import { titleOf, useShared } from "../context";
import { disputed } from "../text";
import type { WireNeed } from "../wire";
import { Dots } from "./bits";
import { initials, type Box, type ItemNode, type PersonNode } from "./graphNodes";
import { Say } from "./Say";

function at({ x, y, width, height }: Box) {
  return { left: x, top: y, width, height };
}

/** Equal when what they show is equal; boxes are made anew with every drawing. */
function sameNode<P extends { box: Box }>(before: P, after: P): boolean {
  return (Object.keys(after) as (keyof P)[]).every((key) => {
    if (key !== "box") return before[key] === after[key];
    const [a, b] = [before.box, after.box];
    return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
  });
}

interface PersonProps extends PersonNode {
  onFold(name: string): void;
}

export const Person = memo(function Person({ name, speaker, needs, box, onFold }: PersonProps) {
  const { t } = useTranslation("call");
  return (
    <button type="button" className={`node person s${speaker % 6}`} style={at(box)} data-node={`person:${name}`} tabIndex={-1} aria-label={t("need.person", { name, count: needs })} onClick={() => onFold(name)}>
      <span>{name}</span>
    </button>
  );
}, sameNode);

interface NeedProps {
  need: WireNeed;
  hidden: number;
  box: Box;
  callId: string;
  /** Since it was voiced last; null while the call stands still. */
  minutes: number | null;
  ended: boolean;
  chosen: boolean;
  /** Where the Tab key enters the graph. */
  stop: boolean;
  /** The place on the call of the first who raised it. */
  speaker: number;
  onNeed(needId: string): void;
}

export const Need = memo(function Need(props: NeedProps) {
  const { need, hidden, box, callId, minutes, ended, chosen, stop, speaker, onNeed } = props;
  const { t } = useTranslation(["call", "terms"]);
  const { labels } = useShared();
  const type = titleOf(labels, need.type);
  const state = need.links.length > 0 ? null : need.linked ? "none" : ended ? "unlinked" : "looking";
  return (
    <button
      type="button"
      className={`node need-node ${need.kind} ${need.status}${chosen ? " chosen" : ""}${isEarlier(need, callId) ? " earlier" : ""}`}
      style={at(box)}
      data-testid="need-node"
      data-node={need.need_id}
      data-need-id={need.need_id}
      tabIndex={stop ? 0 : -1}
      aria-pressed={chosen}
      onClick={() => onNeed(need.need_id)}
    >
      <span className="node-head">
        <span className="sr">{t(`terms:kinds.${need.kind}`)} </span>
        <b>{type}</b>
        <span className={`by s${speaker % 6}`} title={need.raised_by.join(", ")} aria-hidden="true">{need.raised_by.map(initials).join(" ")}</span>
        <span className="sr"> {need.raised_by.join(", ")} </span>
        <Dots kind={need.kind} strength={need.strength} />
      </span>
      <span className="node-label" title={need.label}>{need.label}</span>{" "}
      <span className="node-foot">
        <span className="age">{ageOf(need, callId, minutes)}</span>
        {need.mentions.length > 1 && <span>{t("call:need.said", { count: need.mentions.length })}</span>}
        {need.status !== "open" && <span className={`state ${need.status}`}>{t(`terms:status.${need.status}`)}</span>}
        {need.disputed_by.length > 0 && <span className="disputed" title={disputed(need.disputed_by)}>{t("call:need.disputed")}</span>}
        {state && <span className={state === "looking" ? "looking" : "abstained"}>{t(`call:need.${state}`)}</span>}
        {hidden > 0 && <span>{t("call:need.more", { count: hidden })}</span>}
      </span>
    </button>
  );
}, sameNode);

interface ItemProps extends Omit<ItemNode, "key"> {
  itemKey: string;
  chosen: boolean;
  onItem(itemKey: string, needId: string): void;
}

export const ItemCard = memo(function ItemCard({ link, itemKey, needId, box, chosen, onItem }: ItemProps) {
  const { t } = useTranslation("terms");
  const kind = t(`item.${link.kind}`);
  return (
    <button
      type="button"
      className={`node item-node${chosen ? " chosen" : ""}`}
      style={at(box)}
      data-testid="item-node"
      data-node={itemKey}
      tabIndex={-1}
      title={link.title}
      aria-pressed={chosen}
      onClick={() => onItem(itemKey, needId)}
    >
      <span className="node-head">
        <span className="item-kind">{kind}</span>
        {link.may_say === false && <Say maySay={false} />}
        <span className="score">{link.score.toFixed(2)}</span>
      </span>
      <span className="item-title">{link.title}</span>
    </button>
  );
}, sameNode);
