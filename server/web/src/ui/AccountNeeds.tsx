import { memo, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { byWeight, isFiltered, lastVoiced, matching, NO_FILTERS, type Filters } from "../account";
import type { WireNeed } from "../bodies";
import { titleOf, useShared } from "../context";
import { Dots } from "./bits";
import { NeedFilters } from "./NeedFilters";
import { NeedStory } from "./NeedStory";
import { Status } from "./Say";
import { useFormat } from "./useFormat";

/** Needs that are listed at first, and with each further step. */
const STEP = 50;

/** Every need and hesitation of an account, filtered. */
export function AccountNeeds({ needs }: { needs: readonly WireNeed[] }) {
  const { t } = useTranslation("account");
  const [filters, setFilters] = useState<Filters>(NO_FILTERS);
  const [most, setMost] = useState(STEP);
  const ordered = useMemo(() => byWeight(needs), [needs]);
  const found = useMemo(() => matching(ordered, filters), [ordered, filters]);
  if (needs.length === 0) return <p className="empty">{t("noNeeds")}</p>;
  return (
    <section className="block" aria-labelledby="needs-title" data-testid="account-needs">
      <h3 id="needs-title">{t("needs")} <span className="quiet" role="status">{t("shown", { shown: found.length, total: needs.length })}</span></h3>
      <NeedFilters needs={needs} filters={filters} onFilters={setFilters} />
      {found.length === 0 && <p className="empty">{t("noneLeft")}</p>}
      {isFiltered(filters) && found.length === 0 && <button className="link clear" onClick={() => setFilters(NO_FILTERS)}>{t("clear")}</button>}
      <ul className="account-needs">{found.slice(0, most).map((need) => <li key={need.need_id}><Row need={need} /></li>)}</ul>
      {found.length > most && <button className="more" onClick={() => setMost(most + STEP)}>{t("moreNeeds", { count: Math.min(STEP, found.length - most) })}</button>}
    </section>
  );
}

const Row = memo(function Row({ need }: { need: WireNeed }) {
  const { t } = useTranslation("account");
  const { labels } = useShared();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const last = lastVoiced(need);
  const age = last > 0 ? format.age(new Date(last).toISOString(), Date.now()) : null;
  return (
    <details className={`told ${need.kind}`} data-testid="account-need" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="need-type">{titleOf(labels, need.type)} <Dots kind={need.kind} strength={need.strength} /></span>
        <span className="need-label">{need.label}</span>
        <Status status={need.status} />
        <span className="quiet need-facts">{[format.list(need.raised_by), t("said", { count: need.mentions.length }), age !== null && t("lastSaid", { age })].filter(Boolean).join(" · ")}</span>
      </summary>
      {open && <NeedStory need={need} />}
    </details>
  );
});
