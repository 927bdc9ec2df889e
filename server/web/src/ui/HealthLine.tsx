import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { healthOf, LATE_MS, type ChannelHealth, type Health, type Trouble } from "../health";
import type { Picture, State } from "../state";

const TICK_MS = 5000;
const WELL: ReadonlySet<ChannelHealth["heard"]> = new Set(["speaking", "heard", "quiet", "ended", "waiting"]);

/** One quiet line: is everybody heard, are words in time, is anything lost; a press tells what and what to do. */
export function HealthLine({ state, onRetry }: { state: State; onRetry(): void }) {
  const { t } = useTranslation("health");
  const [now, tick] = useState(Date.now);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const timer = window.setInterval(() => tick(Date.now()), TICK_MS);
    return () => window.clearInterval(timer);
  }, []);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event) => !box.current?.contains(event.target as Node) && setOpen(false);
    document.addEventListener("pointerdown", away);
    return () => document.removeEventListener("pointerdown", away);
  }, [open]);
  const { picture } = state;
  if (!picture) return <Connection state={state} />;
  const health = healthOf(picture, state.connection, Math.max(now, Date.parse(picture.call.started_at)));
  const troubles = health.troubles.length;
  return (
    <div
      className="health"
      ref={box}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        setOpen(false);
      }}
    >
      <button className={troubles > 0 ? "health-button bad" : "health-button"} aria-expanded={open} data-testid="health" title={t("title")} onClick={() => setOpen(!open)}>
        {health.channels.map((one, at) => (
          <span key={one.channel} className={`heard s${at % 6} ${one.heard}${WELL.has(one.heard) ? "" : " bad"}`}>
            <i aria-hidden="true" /><span className="who" title={one.speaker}>{calledBy(one.speaker, health.channels)}</span>
            <span className={WELL.has(one.heard) ? "sr" : ""}> {t(`channel.${one.heard}`, { count: one.quietMin })}</span>
          </span>
        ))}
        {health.delayMs !== null && picture.ended === null && <span className={health.delayMs > LATE_MS ? "delay bad" : "delay"}>{(health.delayMs / 1000).toFixed(1)} s</span>}
        <Parts health={health} />
      </button>
      <p className="sr" role="status">{troubles > 0 ? t("trouble", { count: troubles }) : ""}</p>
      {open && <Panel picture={picture} health={health} onRetry={onRetry} />}
    </div>
  );
}

function Connection({ state }: { state: State }) {
  const { t } = useTranslation("health");
  const ok = state.connection === "live";
  return <div className="health"><span className={ok ? "lamp" : "lamp bad"}><i aria-hidden="true" />{t("connection")}<span className={ok ? "sr" : ""}> {t(state.connection)}</span></span></div>;
}

/** The first of somebody's names, where it is theirs alone on this call. */
function calledBy(speaker: string, channels: ChannelHealth[]): string {
  const first = (name: string) => name.trim().split(/\s+/)[0] ?? name;
  return channels.filter((one) => first(one.speaker) === first(speaker)).length === 1 ? first(speaker) : speaker;
}

/** What is not as it should be; one calm lamp when all is well. */
function Parts({ health }: { health: Health }) {
  const { t } = useTranslation("health");
  const bad: string[] = [
    ...(health.recognition === "ok" ? [] : [`${t("recognition")}: ${t(health.recognition)}`]),
    ...(health.graph === "ok" ? [] : [`${t("graph")}: ${t(health.graph)}`]),
    ...(health.connection === "live" ? [] : [`${t("connection")}: ${health.connection === "connecting" ? t("connecting") : t("lost")}`]),
  ];
  if (bad.length === 0 && health.troubles.length === 0) return <span className="lamp"><i aria-hidden="true" /><span className="lamp-name">{t("fine")}</span></span>;
  if (bad.length === 0) return <span className="lamp bad"><i aria-hidden="true" />{t("trouble", { count: health.troubles.length })}</span>;
  // One is told by its name; several by their number, the panel has them all.
  return <span className="lamp bad"><i aria-hidden="true" />{bad.length === 1 ? bad[0] : t("trouble", { count: health.troubles.length })}</span>;
}

function Panel({ picture, health, onRetry }: { picture: Picture; health: Health; onRetry(): void }) {
  const { t } = useTranslation(["health", "common"]);
  const rows: [name: string, state: string, well: boolean][] = [
    ...health.channels.map((one): [string, string, boolean] => [one.speaker, t(`health:channel.${one.heard}`, { count: one.quietMin }), WELL.has(one.heard)]),
    [t("health:delay"), health.delayMs === null ? t("health:delayUnknown") : t("health:delayValue", { seconds: (health.delayMs / 1000).toFixed(1) }), (health.delayMs ?? 0) <= LATE_MS],
    [t("health:recognition"), t(`health:${health.recognition}`), health.recognition === "ok"],
    [t("health:graph"), t(`health:${health.graph}`), health.graph === "ok"],
    [t("health:audio"), keptText(), true],
    [t("health:connection"), t(`health:${health.connection}`), health.connection === "live"],
  ];
  return (
    <div className="health-panel" role="dialog" aria-label={t("health:title")}>
      <h2>{t("health:title")}</h2>
      <dl>
        {rows.map(([name, state, well], at) => <div key={at} className={well ? "" : "bad"}><dt>{name}</dt><dd>{state}</dd></div>)}
      </dl>
      {health.troubles.map((one, at) => <Told key={at} trouble={one} onRetry={onRetry} />)}
    </div>
  );

  function keptText(): string {
    const { kept } = health;
    switch (kept.kept) {
      case "all":
        return t("health:kept");
      case "some":
        return t("health:keptOf", { names: kept.speakers.join(", ") });
      case "transcript":
        return `${t("health:notKept")} · ${t("health:transcriptOnly")}`;
      case "none":
        return t("health:notKept");
      case "unknown":
        return picture.call.channels.length > 0 ? `${t("health:notKept")} · ${t("health:noConsent")}` : t("health:notKept");
    }
  }
}

function Told({ trouble, onRetry }: { trouble: Trouble; onRetry(): void }) {
  const { t } = useTranslation(["health", "common"]);
  const { code, speaker, other, message } = trouble;
  return (
    <div className="trouble">
      <p><b>{code === null ? message : t(`health:message.${code}`, { speaker, other })}</b></p>
      {code !== null && <p>{t(`health:remedy.${code}`)}</p>}
      {code === "connection" && <button onClick={onRetry}>{t("common:tryNow")}</button>}
    </div>
  );
}
