import { useCallback, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { CallMark } from "../account";
import { written } from "../route";
import { useFormat } from "./useFormat";

/** Calls that the chart shows, the newest; the table shows all. */
const CHARTED = 40;
/** Units of the picture, pixels on a wide and on a narrow page; it is scaled to the width there is. */
const WIDE = 900;
const NARROW = 450;
const NARROW_PAGE = "(max-width: 700px)";
const CHART = { height: 140, bottom: 22, left: 28, top: 10, bar: 28 } as const;

/** What was voiced in each call and what was open after it: a chart, and the same as a table. */
export function NeedsOverTime({ marks }: { marks: CallMark[] }) {
  const { t } = useTranslation("account");
  const [table, setTable] = useState(false);
  if (marks.length === 0) return null;
  return (
    <section className="block" aria-labelledby="time-title" data-testid="over-time">
      <h3 id="time-title">{t("overTime")}</h3>
      <p className="chart-lead">
        <span className="quiet">{t("overTimeLead")}</span>
        <button className="link" onClick={() => setTable(!table)}>{t(table ? "asChart" : "asTable")}</button>
      </p>
      {table ? <Table marks={marks} /> : <Chart marks={marks.slice(-CHARTED)} />}
    </section>
  );
}

function Chart({ marks }: { marks: CallMark[] }) {
  const { t } = useTranslation(["account", "terms"]);
  const format = useFormat();
  const width = useMatch(NARROW_PAGE) ? NARROW : WIDE;
  const top = Math.max(1, ...marks.map((one) => Math.max(one.needs + one.hesitations, one.open)));
  const pitch = (width - CHART.left) / marks.length;
  const high = CHART.height - CHART.bottom - CHART.top;
  const y = (count: number) => CHART.top + high * (1 - count / top);
  const x = (at: number) => CHART.left + pitch * (at + 0.5);
  const wide = Math.min(CHART.bar, pitch * 0.6);
  const [first, last] = [marks[0], marks.at(-1)];
  return (
    <>
      <svg className="chart" viewBox={`0 0 ${width} ${CHART.height}`} role="img" aria-label={t("account:chart", { calls: t("terms:callCount", { count: marks.length }) })}>
        <Grid top={top} width={width} y={y} />
        {marks.map((one, at) => (
          <g key={one.callId}>
            <title>{`${format.date(one.startedAt)}: ${t("account:needs")} ${one.needs}, ${t("account:hesitations")} ${one.hesitations}, ${t("account:openAfter")} ${one.open}`}</title>
            <rect className="bar-need" x={x(at) - wide / 2} y={y(one.needs)} width={wide} height={y(0) - y(one.needs)} />
            <rect className="bar-hesitation" x={x(at) - wide / 2} y={y(one.needs + one.hesitations)} width={wide} height={y(0) - y(one.hesitations)} />
          </g>
        ))}
        <polyline className="line-open" points={marks.map((one, at) => `${x(at)},${y(one.open)}`).join(" ")} />
        {marks.map((one, at) => <circle key={one.callId} className="dot-open" cx={x(at)} cy={y(one.open)} r="3" />)}
        {first && <text x={CHART.left} y={CHART.height - 6}>{format.date(first.startedAt)}</text>}
        {last && last !== first && <text x={width} y={CHART.height - 6} textAnchor="end">{format.date(last.startedAt)}</text>}
      </svg>
      <p className="chart-legend" aria-hidden="true"><i className="bar-need" />{t("account:needs")}<i className="bar-hesitation" />{t("account:hesitations")}<i className="line-open" />{t("account:openAfter")}</p>
    </>
  );
}

function Grid({ top, width, y }: { top: number; width: number; y(count: number): number }) {
  const counts = top < 2 ? [0, top] : [0, Math.round(top / 2), top];
  return (
    <>
      {counts.map((count) => (
        <g key={count}>
          <line className="grid" x1={CHART.left} x2={width} y1={y(count)} y2={y(count)} />
          <text x={CHART.left - 6} y={y(count) + 4} textAnchor="end">{count}</text>
        </g>
      ))}
    </>
  );
}

function useMatch(query: string): boolean {
  const changes = useCallback((changed: () => void) => {
    const media = matchMedia(query);
    media.addEventListener("change", changed);
    return () => media.removeEventListener("change", changed);
  }, [query]);
  return useSyncExternalStore(changes, () => matchMedia(query).matches);
}

function Table({ marks }: { marks: CallMark[] }) {
  const { t } = useTranslation("account");
  const format = useFormat();
  return (
    <div className="table-scroll">
      <table className="numbers">
        <thead><tr><th scope="col">{t("call")}</th><th scope="col">{t("needs")}</th><th scope="col">{t("hesitations")}</th><th scope="col">{t("openAfter")}</th></tr></thead>
        <tbody>
          {marks.toReversed().map((one) => (
            <tr key={one.callId}>
              <th scope="row"><a href={written({ view: "call", callId: one.callId })}>{format.moment(one.startedAt)}</a></th>
              <td>{one.needs}</td><td>{one.hesitations}</td><td>{one.open}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
