// The graph as a list, by person: for the keyboard, for screen readers, and for who would rather read.
import { memo, useMemo, type KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { ageOf, isEarlier, minutesSince } from "../age";
import { titleOf, useShared } from "../context";
import { bestLinks } from "../layout";
import type { WireNeed } from "../wire";
import type { Selection } from "../views/CallView";
import { moveWithin } from "./arrows";
import { Dots } from "./bits";
import { Say, Status } from "./Say";

interface Props {
  needs: readonly WireNeed[];
  callId: string;
  speakers: readonly string[];
  nowMs: number | null;
  selection: Selection;
  onNeed(needId: string): void;
  onItem(itemKey: string, needId: string): void;
}

export const NeedList = memo(function NeedList({ needs, callId, speakers, nowMs, selection, onNeed, onItem }: Props) {
  const { t } = useTranslation("call");
  const groups = useMemo(() => byPerson(needs), [needs]);
  const stop = needs.some((one) => one.need_id === selection.needId) ? selection.needId : groups[0]?.[1][0]?.need_id;
  return (
    <div className="scroll need-list" onKeyDown={byArrows}>
      <p className="sr">{t("list.help")}</p>
      {groups.map(([name, theirs]) => (
        <section key={name} className={`s${Math.max(0, speakers.indexOf(name)) % 6}`}>
          <h3><span className="speaker">{name}</span> <span className="quiet">{t("list.count", { count: theirs.length })}</span></h3>
          <ul>
            {theirs.map((need) => (
              <Row
                key={need.need_id}
                need={need}
                callId={callId}
                minutes={minutesSince(need, callId, nowMs)}
                chosen={need.need_id === selection.needId}
                itemKey={need.need_id === selection.needId ? selection.itemKey : undefined}
                stop={need.need_id === stop}
                onNeed={onNeed}
                onItem={onItem}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
});

/** Needs by who raised them first, everybody in the order of their first one. */
export function byPerson(needs: readonly WireNeed[]): [name: string, needs: WireNeed[]][] {
  const groups = new Map<string, WireNeed[]>();
  for (const need of needs) {
    const name = need.raised_by[0] ?? "";
    groups.set(name, [...(groups.get(name) ?? []), need]);
  }
  return [...groups];
}

interface RowProps {
  need: WireNeed;
  callId: string;
  minutes: number | null;
  chosen: boolean;
  itemKey: string | undefined;
  stop: boolean;
  onNeed(needId: string): void;
  onItem(itemKey: string, needId: string): void;
}

const Row = memo(function Row({ need, callId, minutes, chosen, itemKey, stop, onNeed, onItem }: RowProps) {
  const { t } = useTranslation(["call", "terms"]);
  const { labels } = useShared();
  const links = bestLinks(need);
  const others = need.raised_by.slice(1);
  return (
    <li className={`${need.kind} ${need.status}${chosen ? " chosen" : ""}${isEarlier(need, callId) ? " earlier" : ""}`} data-testid="need-row">
      <button className="row" data-row={need.need_id} tabIndex={stop ? 0 : -1} aria-pressed={chosen} onClick={() => onNeed(need.need_id)}>
        <span className="row-type"><span className="sr">{t(`terms:kinds.${need.kind}`)} </span>{titleOf(labels, need.type)} <Dots kind={need.kind} strength={need.strength} /></span>
        <span className="row-words">{need.label}</span>
        <span className="row-facts">
          <Status status={need.status} />
          <span>{ageOf(need, callId, minutes)}</span>
          {need.mentions.length > 1 && <span>{t("call:need.said", { count: need.mentions.length })}</span>}
          {links.length === 0 && need.linked && <span>{t("call:list.noLinks")}</span>}
          {others.length > 0 && <span>+ {others.join(", ")}</span>}
        </span>
      </button>
      {links.length > 0 && (
        <ul className="row-links" aria-label={t("call:list.links")}>
          {links.map(({ link, key }) => (
            <li key={key}>
              <button className="link" tabIndex={chosen ? 0 : -1} aria-pressed={itemKey === key} onClick={() => onItem(key, need.need_id)}>{t(`terms:item.${link.kind}`)}: {link.title}</button>
              <span className="score">{link.score.toFixed(2)}</span> <Say maySay={link.may_say} />
              {link.evidence && <span className="quiet row-evidence">{t("call:list.evidence", { evidence: link.evidence })}</span>}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
});

function byArrows(event: KeyboardEvent<HTMLElement>): void {
  const current = (event.target as HTMLElement).closest("li")?.closest("[data-testid=need-row]")?.querySelector<HTMLElement>("[data-row]");
  if (!current) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
  const next = moveWithin(event.key, rows, current);
  if (!next) return;
  event.preventDefault();
  next.focus();
}
