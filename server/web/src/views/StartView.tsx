import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { givenBy, speakerOf, wordingOf, type Participant } from "../capture/consent";
import { ConsentStep } from "../capture/ConsentStep";
import { KnownNeeds } from "../capture/KnownNeeds";
import type { CallPlan, PlannedChannel, Role } from "../capture/plan";
import { running, useCapture, useSources } from "../capture/running";
import { sound } from "../capture/sound";
import { SoundStep } from "../capture/SoundStep";
import { UploadStep } from "../capture/UploadStep";
import { useKnown } from "../capture/useAccounts";
import { useStandard } from "../capture/useStandard";
import { WhoStep, type Who } from "../capture/WhoStep";
import { useShared } from "../context";
import { go } from "../route";
import "../styles/start.css";

const NOBODY: Who = { account: "", rep: "", customers: [], language: "auto" };

export default function StartView() {
  const { t } = useTranslation("start");
  const { me } = useShared();
  const [way, setWay] = useState<"live" | "upload">("live");
  const [who, setWho] = useState(NOBODY);
  const known = useKnown(who.account.trim());
  const named = who.rep === "" && me ? { ...who, rep: me.person } : who;
  // Nobody listens without a call: the microphone's light goes out when the page is left.
  useEffect(() => () => {
    if (running.snapshot().state !== "capturing") sound.stop();
  }, []);
  return (
    <main id="content" tabIndex={-1} className="page start">
      <div className="page-head start-head">
        <h2>{t("title")}</h2>
        <div className="ways" role="group" aria-label={t("how")}>
          {(["live", "upload"] as const).map((one) => <button key={one} type="button" aria-pressed={way === one} data-testid={`way-${one}`} onClick={() => setWay(one)}>{t(one)}</button>)}
        </div>
      </div>
      <div className="start-columns">
        <div className="start-steps">
          <WhoStep who={named} known={known} onWho={setWho} people={way === "live"} />
          {way === "live" ? <Live who={named} /> : <UploadStep who={named} />}
        </div>
        <KnownNeeds known={known} />
      </div>
    </main>
  );
}

/** The rep is whoever sits here, also while the name is still being typed; another customer has to be asked anew. */
const keyOf = (name: string, role: Role) => (role === "rep" ? role : `${role} ${name}`);

type Ticks = Record<string, Pick<Participant, "transcript" | "audio" | "wording">>;
const UNTOLD = { transcript: false, audio: false, wording: null };

function Live({ who }: { who: Who }) {
  const { t } = useTranslation("start");
  const standard = useStandard();
  const sources = useSources();
  const [ticks, setTicks] = useState<Ticks>({});
  const [notice, setNotice] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  const [elsewhere, setElsewhere] = useState(false);
  const customers = who.customers.length > 0 ? who.customers : [t("who.customer")];
  const person = (name: string, role: Role): Participant => ({ name, role, ...(ticks[keyOf(name, role)] ?? UNTOLD) });
  const people = [person(who.rep, "rep"), ...customers.map((name) => person(name, "customer"))];

  const missing = () => {
    const untold = people.filter((one) => !one.transcript).map((one) => one.name).join(", ");
    return [
      ...(who.rep.trim() ? [] : [t("missing.name")]),
      ...(sources.microphone.is === "on" || sources.tab.is === "on" ? [] : [t("missing.source")]),
      ...(untold ? [t("missing.transcript", { names: untold })] : []),
    ];
  };
  const channel = (role: Role): PlannedChannel => {
    const its = people.filter((one) => one.role === role);
    const wording = wordingOf(its, (audio) => notice?.trim() || standard(audio));
    return { channel: role === "rep" ? "microphone" : "tab", role, speaker: speakerOf(its), consent: { given: givenBy(its), wording } };
  };
  const begin = async () => {
    setAsked(true);
    setElsewhere(false);
    if (missing().length > 0) return;
    const plan: CallPlan = { account: who.account.trim() || null, language: who.language, channels: [channel("rep"), channel("customer")] };
    setElsewhere(!(await running.start(plan)));
  };
  return (
    <>
      <SoundStep />
      <ConsentStep
        people={people} notice={notice} onNotice={setNotice}
        onPerson={(at, change) => {
          const one = people[at];
          if (!one) return;
          const { transcript, audio, wording } = { ...one, ...change };
          setTicks({ ...ticks, [keyOf(one.name, one.role)]: { transcript, audio, wording } });
        }}
      />
      <Begin problems={asked ? missing() : []} elsewhere={elsewhere} asked={asked} onBegin={() => void begin()} />
    </>
  );
}

interface BeginProps {
  problems: string[];
  elsewhere: boolean;
  asked: boolean;
  onBegin(): void;
}

function Begin({ problems, elsewhere, asked, onBegin }: BeginProps) {
  const { t } = useTranslation("start");
  const capture = useCapture();
  const callId = capture.state === "capturing" && capture.phase !== "over" ? capture.callId : null;
  useEffect(() => {
    if (asked && callId !== null) go({ view: "call", callId });
  }, [asked, callId]);
  const box = useRef<HTMLDivElement>(null);
  const first = problems[0];
  useEffect(() => {
    // In braces: new browsers return a promise here, which React would take for what cleans up.
    box.current?.scrollIntoView({ block: "nearest" });
  }, [first]);
  const isBusy = capture.state === "capturing" && capture.phase !== "over";
  return (
    <section className="start-begin">
      {problems.length > 0 && (
        <div ref={box} role="alert" className="notice problem">
          <p>{t("missing.title")}</p>
          <ul>{problems.map((one) => <li key={one}>{one}</li>)}</ul>
        </div>
      )}
      {elsewhere && <p role="alert" className="notice problem">{t("elsewhere")}</p>}
      <button type="button" className="primary big" data-testid="begin" disabled={isBusy} onClick={onBegin}>{t(isBusy ? "beginning" : "begin")}</button>
      {isBusy && callId !== null && <button type="button" onClick={() => go({ view: "call", callId })}>{t("show")}</button>}
      {isBusy && callId === null && <button type="button" onClick={() => running.giveUp()}>{t("stopTrying")}</button>}
    </section>
  );
}
