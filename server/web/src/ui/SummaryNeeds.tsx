import { useTranslation } from "react-i18next";
import type { CallSummaryPage, WireNeed } from "../bodies";
import { titleOf, useShared } from "../context";
import { Dots } from "./bits";
import { NeedStory } from "./NeedStory";
import { Status } from "./Say";

/** What was wanted and doubted in a call: first what is open, then what was answered. */
export function SummaryNeeds({ page }: { page: CallSummaryPage }) {
  const { t } = useTranslation("summary");
  if (page.needs.length === 0) return <p className="empty">{t("noNeeds")}</p>;
  const by = new Map(page.needs.map((need) => [need.need_id, need]));
  const told = (ids: readonly string[]) => ids.map((id) => by.get(id)).filter((need): need is WireNeed => need !== undefined);
  const [open, answered] = [told(page.open_needs), told(page.answered_needs)];
  return (
    <>
      <section className="block" aria-labelledby="open-title" data-testid="summary-open">
        <h3 id="open-title">{t("open")} <span className="quiet">{open.length}</span></h3>
        {open.length === 0 && <p className="quiet">{t("noneOpen")}</p>}
        {open.map((need) => <One key={need.need_id} need={need} callId={page.call_id} />)}
      </section>
      {answered.length > 0 && (
        <section className="block" aria-labelledby="answered-title" data-testid="summary-answered">
          <h3 id="answered-title">{t("answered")} <span className="quiet">{answered.length}</span></h3>
          {answered.map((need) => <One key={need.need_id} need={need} callId={page.call_id} />)}
        </section>
      )}
    </>
  );
}

function One({ need, callId }: { need: WireNeed; callId: string }) {
  const { t } = useTranslation("summary");
  const { labels } = useShared();
  const earlier = need.mentions.some((one) => one.call_id !== callId);
  return (
    <article className={`told ${need.kind}`} data-testid="summary-need">
      <h4>
        {titleOf(labels, need.type)} <Dots kind={need.kind} strength={need.strength} />
        {need.status !== "open" && <Status status={need.status} />}
        {earlier && <span className="quiet">{t("earlier")}</span>}
      </h4>
      <NeedStory need={need} callId={callId} />
    </article>
  );
}
