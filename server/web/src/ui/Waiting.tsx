import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { go } from "../route";
import type { State } from "../state";

export function Waiting({ state }: { state: State }) {
  const { t } = useTranslation("frame");
  const slow = useAfter(400, state.connection + String(state.calls?.length ?? "none") + (state.wanted?.callId ?? ""));
  if (state.refusal) {
    return (
      <main id="content" tabIndex={-1} className="waiting">
        <h2>{t("waiting.refused")}</h2>
        <p>{state.refusal}</p>
        <p className="quiet">{t("waiting.choose")}</p>
      </main>
    );
  }
  if (state.calls && state.calls.length === 0 && !state.wanted) {
    return (
      <main id="content" tabIndex={-1} className="waiting">
        <h2>{t("waiting.title")}</h2>
        <button className="primary" onClick={() => go({ view: "start" })}>{t("waiting.start")}</button>
        <p>{t("waiting.itself")}</p>
        <pre>needgraph stream FILE</pre>
        <p className="quiet">{t("waiting.demo")} <code>needgraph demo</code></p>
      </main>
    );
  }
  if (!slow) return <main id="content" tabIndex={-1} className="waiting" aria-busy="true" />;
  return (
    <main id="content" tabIndex={-1} className="waiting" aria-busy="true">
      <h2>{state.wanted ? t("waiting.opening") : state.connection === "live" ? t("waiting.asking") : t("waiting.connecting")}</h2>
      <div className="skeleton" aria-hidden="true"><i /><i /><i /></div>
    </main>
  );
}

/** True once `ms` have passed since `what` last changed; keeps quick states from flickering. */
function useAfter(ms: number, what: string): boolean {
  const [passed, setPassed] = useState("");
  useEffect(() => {
    const timer = window.setTimeout(() => setPassed(what), ms);
    return () => window.clearTimeout(timer);
  }, [ms, what]);
  return passed === what;
}
