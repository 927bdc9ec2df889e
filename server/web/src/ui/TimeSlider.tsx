import { lengthOf } from "../history";
import type { Picture } from "../state";
import { clock } from "../text";

interface Props {
  picture: Picture;
  /** The moment that is drawn; null for now. */
  atMs: number | null;
  onAt(atMs: number | null): void;
}

const STEP_MS = 1000;

/** Goes back over the call: the graph as it stood at a moment. */
export function TimeSlider({ picture, atMs, onAt }: Props) {
  const length = Math.ceil(lengthOf(picture) / STEP_MS) * STEP_MS;
  if (length === 0) return null;
  const now = atMs === null;
  return (
    <div className={now ? "time" : "time past"} data-testid="time">
      <input
        type="range"
        min={0}
        max={length}
        step={STEP_MS}
        value={atMs ?? length}
        aria-label="The graph as it was at this moment of the call"
        aria-valuetext={now ? "now" : clock(atMs)}
        onChange={(event) => {
          const at = Number(event.target.value);
          onAt(at >= length ? null : at);
        }}
      />
      <output>{now ? (picture.ended ? "at the end" : "now") : `as at ${clock(atMs)}`}</output>
      {!now && <button className="link" onClick={() => onAt(null)}>{picture.ended ? "Whole call" : "Back to now"}</button>}
    </div>
  );
}
