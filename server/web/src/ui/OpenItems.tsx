import { memo, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { titleOf, useShared } from "../context";
import { keep, leftMin, LENGTHS_MIN, openItems, recall, USUAL, type Plan } from "../plan";
import type { Picture } from "../state";
import { Dots } from "./bits";
import { Ended } from "./Ended";

const TICK_MS = 10_000;
/** The strongest; the graph and the list hold all. */
const SHOWN = 10;

/** What nobody has answered yet, and how much of the planned time is left for it. */
export const OpenItems = memo(function OpenItems({ picture, onNeed }: { picture: Picture; onNeed(needId: string): void }) {
  const { t } = useTranslation("call");
  const { labels } = useShared();
  const items = openItems(picture);
  const live = picture.ended === null;
  return (
    <div className="open-items" role="group" aria-label={t("open.label")} data-testid="open-items">
      <strong>{items.length === 0 ? t("open.none") : t("open.count", { count: items.length })}</strong>
      {live ? <Left callId={picture.call.call_id} startedAt={picture.call.started_at} /> : <Ended picture={picture} />}
      <div className="open-list">
        {items.slice(0, SHOWN).map((need) => (
          <button key={need.need_id} className={`chip ${need.kind}`} title={need.label} onClick={() => onNeed(need.need_id)}>
            <Dots kind={need.kind} strength={need.strength} /> <b>{titleOf(labels, need.type)}</b> <span className="chip-words">{need.label}</span>
          </button>
        ))}
        {items.length > SHOWN && <span className="quiet">+{items.length - SHOWN}</span>}
      </div>
    </div>
  );
});

function Left({ callId, startedAt }: { callId: string; startedAt: string }) {
  const { t } = useTranslation("call");
  const [plan, setPlan] = useState(() => recall(callId));
  const [now, tick] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => tick(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  const choose = (next: Plan) => {
    keep(callId, next);
    setPlan(next);
    tick(Date.now());
  };
  const left = leftMin(plan, startedAt, now);
  return (
    <>
      <span className={left < 0 ? "left over" : left <= 5 ? "left soon" : "left"}>{left < 0 ? t("open.over", { count: -left }) : t("open.left", { count: left })}</span>
      <select className="plan" aria-label={t("open.length")} value={"minutes" in plan ? plan.minutes : "until"} onChange={(event) => choose(event.target.value === "until" ? { until: soon(startedAt) } : { minutes: Number(event.target.value) })}>
        {LENGTHS_MIN.map((minutes) => <option key={minutes} value={minutes}>{t("open.minutes", { count: minutes })}</option>)}
        <option value="until">{t("open.until")}</option>
      </select>
      {"until" in plan && <input className="plan" type="time" aria-label={t("open.ends")} value={plan.until} onChange={(event) => choose(event.target.value ? { until: event.target.value } : USUAL)} />}
    </>
  );
}

/** An hour after the start, to begin with. */
function soon(startedAt: string): string {
  const end = new Date(Date.parse(startedAt) + 3_600_000);
  return `${String(end.getHours()).padStart(2, "0")}:${String(end.getMinutes()).padStart(2, "0")}`;
}
