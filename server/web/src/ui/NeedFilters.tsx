import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isFiltered, NO_FILTERS, type Filters } from "../account";
import type { WireNeed } from "../bodies";
import { titleOf, useShared } from "../context";

const STATUSES: readonly WireNeed["status"][] = ["open", "addressed", "confirmed", "withdrawn", "resolved"];
const STRENGTHS = { 3: "strongest", 2: "middle", 1: "anyStrength" } as const;

interface Props {
  needs: readonly WireNeed[];
  filters: Filters;
  onFilters(filters: Filters): void;
}

export function NeedFilters({ needs, filters, onFilters }: Props) {
  const { t } = useTranslation(["account", "terms"]);
  const { labels } = useShared();
  const types = useMemo(() => [...new Set(needs.map((one) => one.type))].sort(), [needs]);
  const set = (change: Partial<Filters>) => onFilters({ ...filters, ...change });
  return (
    <div className="tools filters" role="group" aria-label={t("account:filter")}>
      <input type="search" aria-label={t("account:words")} placeholder={t("account:words")} value={filters.words} onChange={(event) => set({ words: event.target.value })} />
      <label>{t("account:type")} <select value={filters.type ?? ""} onChange={(event) => set({ type: event.target.value || null })}>
        <option value="">{t("account:anyType")}</option>
        {types.map((type) => <option key={type} value={type}>{titleOf(labels, type)}</option>)}
      </select></label>
      <label>{t("account:strength")} <select value={filters.strength} onChange={(event) => set({ strength: Number(event.target.value) as Filters["strength"] })}>
        {([3, 2, 1] as const).map((one) => <option key={one} value={one}>{t(`account:${STRENGTHS[one]}`)}</option>)}
      </select></label>
      <label>{t("account:status")} <select value={filters.status ?? ""} onChange={(event) => set({ status: (event.target.value || null) as Filters["status"] })}>
        <option value="">{t("account:anyStatus")}</option>
        {STATUSES.map((one) => <option key={one} value={one}>{t(`terms:status.${one}`)}</option>)}
      </select></label>
      <label className="check"><input type="checkbox" checked={filters.noRoadmap} onChange={(event) => set({ noRoadmap: event.target.checked })} /> {t("account:noRoadmap")}</label>
      {isFiltered(filters) && <button className="link" onClick={() => onFilters(NO_FILTERS)}>{t("account:clear")}</button>}
    </div>
  );
}
