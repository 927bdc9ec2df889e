import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { lengthOf } from "../history";
import { sayingAt, shortened, silenceOf, spoken } from "../replay";
import type { Picture } from "../state";
import { clock } from "../text";
import type { UtteranceEvent } from "../wire";
import { useFormat } from "./useFormat";
import type { Replay as Playing } from "./useReplay";
import "../styles/replay.css";

const SPEEDS = [1, 1.5, 2] as const;
const STEP_MS = 1000;
/** Space belongs to these when they have the focus. */
const OWN_SPACE = "input, textarea, select, button, a, summary, [role=button], [role=dialog]";

/** Plays an ended call, in the row where the time was before it ended; what is said lies over the foot of the pane. */
export function Replay({ picture, replay }: { picture: Picture; replay: Playing }) {
  const { t } = useTranslation("replay");
  const lengthMs = lengthOf(picture);
  const notes = useNotes(picture, replay);
  useSpace(replay.toggle);
  const { atMs } = replay;
  const now = atMs === null ? [] : sayingAt(picture.utterances, atMs);
  useMarked(now);
  return (
    <section className={atMs === null ? "time replay" : "time replay past"} aria-label={t("region")} data-testid="replay">
      <button className="primary small" aria-keyshortcuts="Space" title={t("playTitle")} data-testid="play" onClick={replay.toggle}>{t(replay.playing ? "pause" : "play")}</button>
      <select aria-label={t("speed")} value={replay.speed} onChange={(event) => replay.setSpeed(Number(event.target.value))}>
        {SPEEDS.map((speed) => <option key={speed} value={speed}>{t("times", { speed })}</option>)}
      </select>
      <input
        type="range" min={0} max={lengthMs} step={STEP_MS} value={atMs ?? lengthMs}
        aria-label={t("position")} aria-valuetext={clock(atMs ?? lengthMs)}
        onChange={(event) => replay.seek(Number(event.target.value))}
      />
      <output>{clock(atMs ?? lengthMs)} / {clock(lengthMs)}</output>
      {atMs !== null && !replay.playing && <button className="link" onClick={() => replay.seek(null)}>{t("wholeCall")}</button>}
      {atMs === null && notes !== "" && <span className="replay-mute" title={notes}>{notes}</span>}
      <p className="sr" role="status">{atMs === null ? "" : notes}</p>
      {atMs !== null && <Captions now={now} atMs={atMs} notes={notes} />}
    </section>
  );
}

/** What cannot be heard, and why. */
function useNotes(picture: Picture, replay: Playing): string {
  const { t } = useTranslation("replay");
  const format = useFormat();
  const silence = replay.audio && silenceOf(picture, replay.audio);
  const notes = [
    replay.unknown && t("silent", { reason: t("unreachable") }),
    silence && (silence.all ? t("silent", { reason: t(silence.why) }) : t("partly", { names: format.list(silence.names) })),
    replay.waiting && t("loading"),
    replay.lost && t("lost"),
  ];
  return notes.filter(Boolean).join(" ");
}

/** The words of the moment, for who does not see the transcript beside it. */
function Captions({ now, atMs, notes }: { now: UtteranceEvent[]; atMs: number; notes: string }) {
  const { t } = useTranslation("replay");
  return (
    <div className="captions" data-testid="captions">
      {now.length === 0 && <p className="quiet">{t("silence")}</p>}
      {now.map((one) => {
        const words = spoken(one, atMs);
        return <p key={one.utterance_id}><b>{one.speaker}</b> {shortened(words.before)}<mark>{words.now}</mark>{words.after}</p>;
      })}
      {notes !== "" && <p className="quiet replay-notes" aria-hidden="true">{notes}</p>}
    </div>
  );
}

function useSpace(act: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== " " || event.ctrlKey || event.metaKey || event.altKey) return;
      if ((event.target as HTMLElement).closest(OWN_SPACE) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      act();
    };
    // Before anything else that takes the space, as a graph that is moved with it.
    window.addEventListener("keydown", press, { capture: true });
    return () => window.removeEventListener("keydown", press, { capture: true });
  }, [act]);
}

/** Marks what is being said in the transcript, and keeps it in sight. */
function useMarked(now: UtteranceEvent[]): void {
  const ids = now.map((one) => one.utterance_id).join("\n");
  useEffect(() => {
    const rows = ids === "" ? [] : ids.split("\n").map((id) => document.querySelector(`[data-utterance-id="${CSS.escape(id)}"]`));
    for (const row of rows) row?.classList.add("playing");
    rows.at(-1)?.scrollIntoView({ block: "nearest" });
    return () => rows.forEach((row) => row?.classList.remove("playing"));
  }, [ids]);
}
