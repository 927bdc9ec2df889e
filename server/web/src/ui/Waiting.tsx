import { useEffect, useState } from "react";
import type { State } from "../state";

export function Waiting({ state }: { state: State }) {
  const slow = useAfter(400, state.connection + String(state.calls?.length ?? "none") + (state.wanted?.callId ?? ""));
  if (state.calls && state.calls.length === 0) {
    return (
      <main className="waiting">
        <h2>Waiting for a call…</h2>
        <p>As soon as one starts it appears here by itself. To send a recording as a live call:</p>
        <pre>needgraph stream FILE</pre>
        <p className="quiet">The call of the demo: <code>needgraph demo</code></p>
      </main>
    );
  }
  if (state.refusal) {
    return (
      <main className="waiting">
        <h2>This call cannot be shown</h2>
        <p>{state.refusal}</p>
        <p className="quiet">Choose another one in the bar above.</p>
      </main>
    );
  }
  if (!slow) return <main className="waiting" aria-busy="true" />;
  return (
    <main className="waiting" aria-busy="true">
      <h2>{state.wanted ? "Opening the call…" : state.connection === "live" ? "Asking for the calls…" : "Connecting…"}</h2>
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
