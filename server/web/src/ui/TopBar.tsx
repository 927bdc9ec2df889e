import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { go, type Route } from "../route";
import type { Picture, State } from "../state";
import { clock } from "../text";
import { Mark } from "./bits";
import type { Theme } from "./useTheme";

const VIEWS = ["call", "start", "review", "models"] as const;

interface Props {
  state: State;
  view: Route["view"];
  onCall(callId: string): void;
  theme: Theme;
  onHelp(): void;
}

export function TopBar({ state, view, onCall, theme, onHelp }: Props) {
  const { t } = useTranslation();
  const { picture, calls } = state;
  return (
    <header className="top">
      <h1 className="brand"><Mark /> needgraph</h1>
      <nav aria-label="Views" className="views">
        {VIEWS.map((id) => (
          <button key={id} aria-current={view === id ? "page" : undefined} onClick={() => go(id === "call" ? { view: id, callId: null } : { view: id })}>{t(`views.${id}`)}</button>
        ))}
      </nav>
      {calls && calls.length > 0 && (
        <select className="call-picker" aria-label="Call" value={state.wanted?.callId ?? ""} onChange={(event) => onCall(event.target.value)}>
          {calls.map((call) => (
            <option key={call.call_id} value={call.call_id}>
              {call.account} · {call.live ? "live" : new Date(call.started_at).toLocaleString(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" })}
            </option>
          ))}
        </select>
      )}
      <div className="who" aria-label="Speakers">{picture?.call.channels.map((one, at) => <span key={one.channel} className={`s${at % 6}`}>{one.speaker}</span>)}</div>
      {picture && <Elapsed picture={picture} />}
      <HealthLine state={state} />
      <button className="icon" onClick={theme.toggle} aria-label={theme.dark ? "Light colours" : "Dark colours"} title={theme.dark ? "Light colours" : "Dark colours"}>
        <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
          <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" strokeWidth="1.6" />
          <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
        </svg>
      </button>
      <button className="icon" onClick={onHelp} aria-label="Keyboard help" title="Keyboard help (?)">?</button>
    </header>
  );
}

function Elapsed({ picture }: { picture: Picture }) {
  const [now, tick] = useState(Date.now);
  const live = picture.ended === null;
  useEffect(() => {
    if (!live) return;
    const timer = window.setInterval(() => tick(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, [live]);
  const spoken = picture.utterances.at(-1)?.end_ms ?? 0;
  const ms = picture.ended?.end_ms ?? Math.max(spoken, now - Date.parse(picture.call.started_at));
  return (
    <div className="elapsed" data-testid="call-status">
      <span className={live ? "status live" : "status"}>{live ? "Live" : "Ended"}</span>
      <time>{clock(ms)}</time>
    </div>
  );
}

function HealthLine({ state }: { state: State }) {
  const parts = Object.values(state.picture?.health ?? {}).filter((one) => !one.ok);
  const broken = (part: string) => parts.find((one) => one.part === part);
  const recognition = broken("recognition") ?? broken("audio");
  const graph = broken("graph") ?? broken("journal") ?? broken("adapter");
  return (
    <div className="health" role="status" aria-label="Health">
      <Light name="Recognition" ok={!recognition} text={recognition ? "disturbed" : "ok"} {...(recognition ? { title: recognition.message } : {})} />
      <Light name="Graph" ok={!graph} text={graph?.part === "graph" ? "catching up" : graph ? "disturbed" : "ok"} {...(graph ? { title: graph.message } : {})} />
      <Light name="Connection" ok={state.connection === "live"} text={state.connection === "live" ? "live" : state.connection} />
    </div>
  );
}

function Light({ name, ok, text, title }: { name: string; ok: boolean; text: string; title?: string }) {
  return (
    <span className={ok ? "lamp" : "lamp bad"} title={title ?? `${name}: ${text}`}>
      <i aria-hidden="true" />
      <span className="lamp-name">{name}</span>
      <span className={ok ? "sr" : "lamp-text"}>{text}</span>
    </span>
  );
}
