import { useTranslation } from "react-i18next";
import type { CardFigures } from "../bodies";
import { useFormat } from "./useFormat";

const COUNTED = ["shown", "used", "dismissed", "later", "ignored"] as const;

/** How many cards came up and what became of them. */
export function Figures({ figures }: { figures: CardFigures }) {
  const { t } = useTranslation("cards");
  const format = useFormat();
  return (
    <dl className="figures" data-testid="card-figures">
      {COUNTED.map((name) => <div key={name}><dt>{t(`budget.${name}`)}</dt><dd>{figures[name]}</dd></div>)}
      {figures.per_hour !== null && <div><dt>{t("budget.perHour")}</dt><dd>{format.figure(figures.per_hour)}</dd></div>}
    </dl>
  );
}
