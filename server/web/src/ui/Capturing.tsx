// What this tab captures, below every view: both levels, what waits to be sent, consent, the end.
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConsentMenu } from "../capture/ConsentMenu";
import { Meter } from "../capture/Meter";
import { running, useCapture, useSources, type Captured, type Capturing as Captures } from "../capture/running";
import { sound } from "../capture/sound";
import { go, useRoute } from "../route";
import "../styles/capturing.css";

/** `onToken`: the page has no form of its own for a new token just now. */
export default function Capturing({ onToken }: { onToken?: (token: string) => void }) {
  const { t } = useTranslation("start");
  const capture = useCapture();
  if (capture.state === "idle") return null;
  return (
    <footer className="capturing" aria-label={t("bar.name")} data-testid="capturing" data-state={capture.state === "capturing" ? capture.phase : capture.state}>
      {capture.state === "capturing" && (capture.phase === "over" ? <Over capture={capture} /> : <Live capture={capture} onToken={onToken} />)}
      {capture.state === "left" && <Left callId={capture.callId} />}
      {capture.state === "elsewhere" && (
        <>
          <p>{t("bar.elsewhere")}</p>
          <button onClick={() => go({ view: "call", callId: capture.callId })}>{t("show")}</button>
        </>
      )}
    </footer>
  );
}

interface LiveProps {
  capture: Captures;
  onToken: ((token: string) => void) | undefined;
}

function Live({ capture, onToken }: LiveProps) {
  const { t } = useTranslation("start");
  useFollowing(capture);
  const keeps = capture.channels.some((one) => one.consent.given.includes("audio"));
  return (
    <>
      <span className={capture.phase === "live" ? "recording on" : "recording"}><i aria-hidden="true" />{t("bar.on")}</span>
      {capture.channels.map((one) => <Voice key={one.channel} channel={one} />)}
      <State capture={capture} onToken={onToken} />
      <span className="bar-end">
        <span className="quiet small" data-testid="kept">{t(keeps ? "bar.kept" : "bar.notKept")}</span>
        <ConsentMenu channels={capture.channels} />
        <End isEnding={capture.isEnding} waits={capture.phase !== "live"} />
      </span>
    </>
  );
}

function Voice({ channel }: { channel: Captured }) {
  const { t } = useTranslation("start");
  const source = useSources()[channel.input];
  const name = t(channel.input === "microphone" ? "bar.you" : "bar.them");
  if (channel.consent.given.length === 0) return <span className="bar-voice quiet">{name}: {t("bar.withdrawn")}</span>;
  if (source.is !== "on")
    return (
      <span className="bar-voice off">
        <button disabled={source.is === "asking"} data-testid={`add-${channel.input}`} onClick={() => void sound.open(channel.input)}>{t(channel.input === "microphone" ? "bar.addMicrophone" : "bar.addTab")}</button>
        {source.fault && <span role="alert" className="problem small" data-testid={`bar-fault-${channel.input}`}>{t(`fault.${source.fault}`)}</span>}
      </span>
    );
  return (
    <span className={channel.muted ? "bar-voice muted" : "bar-voice"} title={channel.speaker}>
      <span>{name}</span>
      <Meter input={channel.input} label={t("sound.level", { name: channel.speaker })} />
      {source.quiet && <span className="problem small">{t("sound.muted")}</span>}
      {channel.input === "microphone" && (
        <button aria-pressed={channel.muted} data-testid="mute" onClick={() => running.mute(channel.channel, !channel.muted)}>{t(channel.muted ? "bar.unmute" : "bar.mute")}</button>
      )}
    </span>
  );
}

/** What is said aloud is the state alone; the seconds beside it would be read out every second. */
function State({ capture, onToken }: LiveProps) {
  const { t } = useTranslation("start");
  const { phase, why, waitingMs, lostMs, sleptMs, newPart, part, isEnding } = capture;
  const waits = Math.round(waitingMs / 1000);
  const said = phase === "token" ? t("bar.token")
    : phase === "joining" || phase === "away" ? t(`bar.${why ?? (capture.callId === null ? "joining" : "lost")}`)
    : isEnding ? t("bar.ending")
    : waits > 0 ? t("bar.catching")
    : newPart ? t(`bar.part.${newPart}`, { part })
    : "";
  return (
    <span className="bar-state">
      <span role="status" data-testid="said">{said}</span>
      {waits > 0 && <span className="number" data-testid="waiting">{t("bar.waiting", { count: waits })}</span>}
      {lostMs >= 1000 && <span className="problem" data-testid="lost">{t("bar.lostAudio", { count: Math.round(lostMs / 1000) })}</span>}
      {sleptMs >= 1000 && <span className="quiet" data-testid="slept">{t("bar.slept", { count: Math.round(sleptMs / 1000) })}</span>}
      {phase === "token" && onToken && <NewToken onToken={onToken} />}
    </span>
  );
}

function NewToken({ onToken }: { onToken: (token: string) => void }) {
  const { t } = useTranslation("start");
  const [token, setToken] = useState("");
  return (
    <form className="start-add" onSubmit={(event) => { event.preventDefault(); if (token.trim()) onToken(token.trim()); }}>
      <label className="sr" htmlFor="capturing-token">{t("bar.newToken")}</label>
      <input id="capturing-token" type="password" autoComplete="off" placeholder={t("bar.newToken")} value={token} onChange={(event) => setToken(event.target.value)} />
      <button disabled={!token.trim()}>{t("bar.useToken")}</button>
    </form>
  );
}

function End({ isEnding, waits }: { isEnding: boolean; waits: boolean }) {
  const { t } = useTranslation("start");
  const [sure, setSure] = useState(false);
  const yes = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (sure) yes.current?.focus();
  }, [sure]);
  if (isEnding) return <button data-testid="give-up" onClick={() => running.giveUp()}>{t("bar.giveUp")}</button>;
  if (!sure) return <button className="end" data-testid="end" onClick={() => setSure(true)}>{t("bar.end")}</button>;
  return (
    <span role="group" aria-label={t("bar.sure")} className="sure" onKeyDown={(event) => event.key === "Escape" && setSure(false)}>
      <span>{t("bar.sure")}</span>
      <button ref={yes} className="end" data-testid="end-yes" onClick={() => running.end()}>{t("bar.yes")}</button>
      <button onClick={() => setSure(false)}>{t("bar.no")}</button>
      {waits && <button className="link" onClick={() => running.giveUp()}>{t("bar.giveUp")}</button>}
    </span>
  );
}

function Over({ capture }: { capture: Captures }) {
  const { t } = useTranslation("start");
  const { ending, fault, callId, lostMs } = capture;
  const known = fault?.code === "forbidden" || fault?.code === "unknown_language" || fault?.code === "given_up" ? t(`bar.faults.${fault.code}`) : fault?.message;
  return (
    <>
      <p role="status" className={ending === "failed" ? "problem" : ""} data-testid="over">{t(`bar.over.${ending ?? "ended"}`)} {ending === "failed" && known}</p>
      {lostMs >= 1000 && <span className="problem">{t("bar.lostAudio", { count: Math.round(lostMs / 1000) })}</span>}
      <span className="bar-end">
        {callId !== null && <button className="primary" onClick={() => { go({ view: "summary", callId }); running.forget(); }}>{t("bar.summary")}</button>}
        <button onClick={() => running.forget()}>{t("bar.close")}</button>
      </span>
    </>
  );
}

function Left({ callId }: { callId: string }) {
  const { t } = useTranslation("start");
  const [fault, setFault] = useState("");
  const goOn = () => void running.goOn().then((mine) => (mine ? go({ view: "call", callId }) : setFault(t("elsewhere"))));
  const end = () => void running.endLeft().catch((error: unknown) => setFault(error instanceof Error ? error.message : ""));
  return (
    <>
      <p>{t("bar.left")} {fault && <span role="alert" className="problem">{fault}</span>}</p>
      <span className="bar-end">
        <button className="primary" data-testid="go-on" onClick={goOn}>{t("bar.goOn")}</button>
        <button data-testid="end-left" onClick={end}>{t("bar.endLeft")}</button>
        <button onClick={() => running.forget()}>{t("bar.close")}</button>
      </span>
    </>
  );
}

/** Whoever watches a call that goes on as another one watches that one from then on. */
function useFollowing({ callId }: Captures): void {
  const route = useRoute();
  const before = useRef(callId);
  useEffect(() => {
    const old = before.current;
    before.current = callId;
    if (callId !== null && old !== null && old !== callId && route.view === "call" && route.callId === old) go({ view: "call", callId });
  }, [callId, route]);
}
