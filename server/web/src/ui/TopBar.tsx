import { memo, useEffect, useRef, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { go, type Route } from "../route";
import type { CallStartedEvent, CallSummary } from "../wire";
import type { Picture, State } from "../state";
import { clock } from "../text";
import { locale } from "../words";
import { Mark } from "./bits";
import { HealthLine } from "./HealthLine";
import { LanguagePicker } from "./LanguagePicker";
import type { Theme } from "./useTheme";

const VIEWS = ["call", "calls", "accounts", "review", "models"] as const;

interface Props {
  state: State;
  view: Route["view"];
  onCall(callId: string): void;
  theme: Theme;
  onHelp(): void;
  onRetry(): void;
}

export function TopBar({ state, view, onCall, theme, onHelp, onRetry }: Props) {
  const { t } = useTranslation(["frame", "common"]);
  const { picture } = state;
  const inCall = view === "call";
  return (
    <header className="top">
      <h1 className="brand"><Mark /> <span className="brand-name">needgraph</span></h1>
      <Menu view={view}>
        <LanguagePicker />
        <button className="icon" onClick={theme.toggle} aria-label={theme.dark ? t("light") : t("dark")} title={theme.dark ? t("light") : t("dark")}>
          <svg viewBox="0 0 20 20" width="16" height="16" aria-hidden="true">
            <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" strokeWidth="1.6" />
            <path d="M10 3a7 7 0 0 1 0 14z" fill="currentColor" />
          </svg>
        </button>
        <button className="icon" onClick={onHelp} aria-label={t("help")} title={`${t("help")} (?)`}>?</button>
      </Menu>
      <CallPicker calls={state.calls} wanted={state.wanted?.callId ?? ""} call={picture?.call} onCall={onCall} />
      {inCall && picture && <Elapsed picture={picture} />}
      {inCall && <HealthLine state={state} onRetry={onRetry} />}
    </header>
  );
}

/** Views and settings: in the bar where there is room, behind one button where there is not. */
function Menu({ view, children }: { view: Route["view"]; children: ReactNode }) {
  const { t } = useTranslation(["frame", "common"]);
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event) => !box.current?.contains(event.target as Node) && setOpen(false);
    const key = (event: KeyboardEvent) => event.key === "Escape" && setOpen(false);
    document.addEventListener("pointerdown", away);
    document.addEventListener("keydown", key);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("keydown", key);
    };
  }, [open]);
  const to = (id: (typeof VIEWS)[number] | "start") => {
    setOpen(false);
    go(id === "call" ? { view: id, callId: null } : { view: id });
  };
  return (
    <div className="menu" ref={box}>
      <button className="menu-button" aria-expanded={open} onClick={() => setOpen(!open)}>{t("menu")}</button>
      <div className={open ? "menu-body open" : "menu-body"}>
        <nav aria-label={t("views")} className="views">
          {VIEWS.map((id) => (
            <button key={id} aria-current={view === id ? "page" : undefined} onClick={() => to(id)}>{t(`common:views.${id}`)}</button>
          ))}
          <button className="start" aria-current={view === "start" ? "page" : undefined} onClick={() => to("start")}>+ {t("common:views.start")}</button>
        </nav>
        <div className="settings">{children}</div>
      </div>
    </div>
  );
}

interface PickerProps {
  calls: CallSummary[] | null;
  wanted: string;
  /** The call that is shown. */
  call: CallStartedEvent | undefined;
  onCall(callId: string): void;
}

/** Live and newest calls; the one that is shown as well when it is an older one. */
const CallPicker = memo(function CallPicker({ calls, wanted, call, onCall }: PickerProps) {
  const { t } = useTranslation("frame");
  if (!calls || (calls.length === 0 && !call)) return null;
  const listed = calls.some((one) => one.call_id === wanted);
  return (
    <select className="call-picker" aria-label={t("call")} value={wanted} onChange={(event) => onCall(event.target.value)}>
      {!listed && <option value={wanted}>{call?.call_id === wanted ? `${call.account} · ${day(call.started_at)}` : t("otherCall")}</option>}
      {calls.map((one) => <option key={one.call_id} value={one.call_id}>{titleOfCall(one, t("live"))}</option>)}
    </select>
  );
});

function titleOfCall(call: CallSummary, live: string): string {
  return `${call.account} · ${call.live ? live : day(call.started_at)}`;
}

function day(at: string): string {
  return new Date(at).toLocaleString(locale(), { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
}

function Elapsed({ picture }: { picture: Picture }) {
  const { t } = useTranslation("frame");
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
      <span className={live ? "status live" : "status"}>{live ? t("statusLive") : t("statusEnded")}</span>
      <time>{clock(ms)}</time>
    </div>
  );
}
