import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Hearing, type Heard } from "./levels";
import { Meter } from "./Meter";
import { useSources } from "./running";
import { sound, type Input } from "./sound";

export function SoundStep() {
  const { t } = useTranslation("start");
  const id = useId();
  return (
    <section className="start-step" aria-labelledby={id}>
      <h3 id={id}>{t("sound.title")}</h3>
      <div className="sources">
        <Source input="microphone" />
        <Source input="tab" />
      </div>
    </section>
  );
}

function Source({ input }: { input: Input }) {
  const { t } = useTranslation("start");
  const source = useSources()[input];
  const heard = useHeard(input, source.is === "on");
  const name = t(`sound.${input}`);
  const isOn = source.is === "on";
  return (
    <div className={`sound-source ${isOn && heard === "heard" ? "heard" : ""}`} data-testid={`source-${input}`}>
      <button type="button" className="source-button" aria-pressed={isOn} disabled={source.is === "asking"} onClick={() => (isOn ? sound.close(input) : void sound.open(input))}>
        <Picture input={input} />
        <span className="source-name">{name}</span>
        <span className="source-hint">{isOn ? source.name || t("sound.stop") : t(`sound.${input}Hint`)}</span>
      </button>
      {isOn && <Meter input={input} label={t("sound.level", { name })} />}
      <p className="source-check" role="status">
        {source.is === "asking" && t("sound.asking")}
        {isOn && source.quiet && t("sound.muted")}
        {isOn && !source.quiet && heard === "heard" && <strong data-testid={`heard-${input}`}><span aria-hidden="true">✓ </span>{t(`sound.heard.${input}`)}</strong>}
        {isOn && !source.quiet && heard !== "heard" && t(`sound.${heard}.${input}`)}
        {source.is === "off" && source.fault && <span className="problem" data-testid={`fault-${input}`}>{t(`fault.${source.fault}`)}</span>}
        {source.is === "off" && !source.fault && t(`sound.without.${input}`)}
      </p>
    </div>
  );
}

function useHeard(input: Input, isOn: boolean): Heard {
  const [heard, setHeard] = useState<Heard>("waiting");
  useEffect(() => {
    setHeard("waiting");
    if (!isOn) return;
    const hearing = new Hearing();
    return sound.onBlock(() => setHeard(hearing.push(sound.levels[input])));
  }, [input, isOn]);
  return heard;
}

function Picture({ input }: { input: Input }) {
  return (
    <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.7" strokeLinecap="round">
      {input === "microphone" ? (
        <><rect x="9" y="3" width="6" height="11" rx="3" /><path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" /></>
      ) : (
        <><path d="M3 19V8h3.5L8 5h6l1.5 3H21v11z" /><path d="M9.5 14.5v-2M12 16v-5M14.5 14.5v-2" /></>
      )}
    </svg>
  );
}
