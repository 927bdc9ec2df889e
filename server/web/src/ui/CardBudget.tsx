import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CardBudget as Budget, CardFigures } from "../bodies";
import { useShared } from "../context";
import { cardBudget, cardFigures, setCardBudget } from "../moments";
import { Figures } from "./Figures";
import { Problem } from "./Problem";
import { useAsked } from "./useAsked";
import { useFormat } from "./useFormat";
import "../styles/cards.css";

/** Bounds as in `server/bodies.py` CardBudget. */
const FIELDS: readonly [keyof Budget, { min: number; max: number; step: number; seconds?: true }][] = [
  ["confidence", { min: 0, max: 1, step: 0.05 }],
  ["per_minute", { min: 0, max: 10, step: 1 }],
  ["per_call", { min: 0, max: 200, step: 1 }],
  ["shown_s", { min: 5, max: 300, step: 5, seconds: true }],
  ["later_s", { min: 10, max: 3600, step: 10, seconds: true }],
  ["fresh_s", { min: 2, max: 120, step: 1, seconds: true }],
];

/** How often cards may interrupt, and how often they did. */
export function CardBudget({ mayChange }: { mayChange: boolean }) {
  const { api } = useShared();
  const { t } = useTranslation("cards");
  const budget = useAsked(useCallback(() => cardBudget(api), [api]));
  const figures = useAsked(useCallback(() => cardFigures(api), [api]));
  return (
    <section className="budget" aria-labelledby="budget-title" data-testid="card-budget">
      <div className="section-head">
        <h3 id="budget-title">{t("budget.title")}</h3>
        <p className="quiet">{t("budget.lead")}{!mayChange && ` ${t("budget.readOnly")}`}</p>
      </div>
      {budget.problem !== null && <Problem error={budget.problem} onAgain={budget.again} />}
      {budget.value && <Form first={budget.value} mayChange={mayChange} />}
      {figures.value && <SoFar figures={figures.value} />}
    </section>
  );
}

function Form({ first, mayChange }: { first: Budget; mayChange: boolean }) {
  const { api, say, fail } = useShared();
  const { t } = useTranslation("cards");
  const [values, setValues] = useState<Record<keyof Budget, string>>(() => written(first));
  const [busy, setBusy] = useState(false);
  const save = () => {
    setBusy(true);
    const wanted = Object.fromEntries(FIELDS.map(([name]) => [name, Number(values[name])])) as unknown as Budget;
    setCardBudget(api, wanted).then((now) => {
      setValues(written(now));
      say(t("budget.saved"));
    }, fail).finally(() => setBusy(false));
  };
  return (
    <form onSubmit={(event) => {
      event.preventDefault();
      save();
    }}>
      {FIELDS.map(([name, { seconds, ...bounds }]) => (
        <label key={name} title={name === "confidence" ? t("budget.confidenceHint") : undefined}>
          {t(`budget.${name}`)}
          <span className="unit">
            <input type="number" required {...bounds} disabled={!mayChange} value={values[name]} onChange={(event) => setValues({ ...values, [name]: event.target.value })} />
            {seconds && t("budget.seconds")}
          </span>
        </label>
      ))}
      {mayChange && <button className="primary" disabled={busy}>{t("budget.save")}</button>}
    </form>
  );
}

function written(budget: Budget): Record<keyof Budget, string> {
  return Object.fromEntries(FIELDS.map(([name]) => [name, String(budget[name])])) as Record<keyof Budget, string>;
}

function SoFar({ figures }: { figures: CardFigures }) {
  const { t } = useTranslation(["cards", "terms"]);
  const format = useFormat();
  if (figures.shown === 0) return <p className="quiet">{t("cards:budget.none")}</p>;
  const over = { calls: t("terms:callCount", { count: figures.calls }), hours: format.figure(figures.hours) };
  return (
    <>
      <h4>{t("cards:budget.figures")} <span className="quiet">{t("cards:budget.over", over)}</span></h4>
      <Figures figures={figures} />
    </>
  );
}
