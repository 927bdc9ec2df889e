import { useState } from "react";
import { titleOf, useShared } from "../context";
import type { Picture } from "../state";
import { disputed, moment } from "../text";
import type { WireNeed, WireStatusChange } from "../wire";
import { STATUS_NAMES } from "./bits";
import type { Corrections } from "./useCorrections";

interface Props {
  picture: Picture;
  need: WireNeed;
  corrections: Corrections;
  onScrollTo(utteranceId: string): void;
}

const STATUSES = Object.keys(STATUS_NAMES) as WireNeed["status"][];

/** What became of a need, by whose words, and a person's say in it. */
export function Life({ picture, need, corrections, onScrollTo }: Props) {
  const { labels } = useShared();
  const [joining, setJoining] = useState(false);
  const when = (one: WireStatusChange) => {
    const started_at = need.mentions.find((mention) => mention.call_id === one.call_id)?.started_at ?? null;
    return moment({ ...one, started_at }, picture.call.call_id);
  };
  const others = Object.values(picture.needs).filter((one) => one.need_id !== need.need_id && one.kind === need.kind);
  return (
    <section className="life" aria-label="What became of it" data-testid="life">
      <h4>
        Status
        {corrections.may ? (
          <select
            aria-label="Status"
            value={need.status}
            disabled={corrections.busy}
            onChange={(event) => corrections.setStatus(need.need_id, event.target.value as WireNeed["status"])}
          >
            {STATUSES.map((one) => <option key={one} value={one}>{STATUS_NAMES[one]}</option>)}
          </select>
        ) : (
          <span>{STATUS_NAMES[need.status]}</span>
        )}
      </h4>
      {need.disputed_by.length > 0 && <p className="disputed" data-testid="disputed">{disputed(need.disputed_by)}</p>}
      {need.changes.map((one) => <Step key={one.change_id} change={one} when={when(one)} corrections={corrections} onScrollTo={onScrollTo} />)}
      {corrections.may && others.length > 0 && (
        joining ? (
          <label className="joining">
            The same as
            <select
              autoFocus
              defaultValue=""
              disabled={corrections.busy}
              onBlur={() => setJoining(false)}
              onChange={(event) => {
                corrections.join(need.need_id, event.target.value);
                setJoining(false);
              }}
            >
              <option value="" disabled>choose…</option>
              {others.map((one) => <option key={one.need_id} value={one.need_id}>{titleOf(labels, one.type)}: {one.label}</option>)}
            </select>
          </label>
        ) : (
          <button className="link" onClick={() => setJoining(true)}>It is the same as another one…</button>
        )
      )}
    </section>
  );
}

function Step({ change, when, corrections, onScrollTo }: { change: WireStatusChange; when: string; corrections: Corrections; onScrollTo(utteranceId: string): void }) {
  const { utterance_id, text, speaker } = change;
  return (
    <p className="step">
      <span className={`state ${change.status}`}>{STATUS_NAMES[change.status]}</span>{" "}
      {utterance_id === null ? (
        <span>by {change.decided_by}</span>
      ) : (
        <button className="link words" onClick={() => onScrollTo(utterance_id)}>“{text}” {speaker}, {when}</button>
      )}
      {corrections.may && <button className="link" onClick={() => corrections.undo(change.change_id)}>Undo</button>}
    </p>
  );
}
