import { useTranslation } from "react-i18next";
import type { TalkMetrics } from "../bodies";
import { clock } from "../text";
import { useFormat } from "./useFormat";

/** How the rep talked; only the rep gets these figures, and nothing is judged. */
export function TalkFigures({ metrics }: { metrics: TalkMetrics }) {
  const { t } = useTranslation("summary");
  const format = useFormat();
  const { ratio, longest_monologue_start_ms: began, response_gap_ms: gap } = metrics;
  return (
    <section className="block figures-block" aria-labelledby="talk-title" data-testid="talk">
      <h3 id="talk-title">{t("metrics")} <span className="quiet">{t("onlyYou")}</span></h3>
      {ratio !== null && <Ratio ratio={ratio} />}
      <dl className="figures">
        <div>
          <dt>{t("monologue")}</dt>
          <dd>{format.length(metrics.longest_monologue_ms)}{began !== null && <span className="quiet"> {t("monologueAt", { time: clock(began) })}</span>}</dd>
        </div>
        <div><dt>{t("gap")}</dt><dd>{gap === null ? t("unknown") : format.seconds(gap)}</dd></div>
        <div><dt>{t("questions")}</dt><dd>{metrics.questions}</dd></div>
      </dl>
    </section>
  );
}

function Ratio({ ratio }: { ratio: number }) {
  const { t } = useTranslation("summary");
  const format = useFormat();
  const [yours, theirs] = [format.percent(ratio), format.percent(1 - ratio)];
  return (
    <div className="ratio">
      <div className="ratio-bar" role="img" aria-label={t("ratioBar", { yours })}><i style={{ width: `${Math.round(ratio * 100)}%` }} /></div>
      <p>{t("ratio", { yours, theirs })}</p>
    </div>
  );
}
