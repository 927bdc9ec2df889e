import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { CallAudio } from "../bodies";
import { useShared } from "../context";
import { lengthOf } from "../history";
import { audioSegment, callAudio } from "../moments";
import { Player } from "../player";
import { segmentsOf } from "../replay";
import type { Picture } from "../state";
import { silentSound, webSound } from "../webSound";

const TICK_MS = 100;
/** The picture follows in such steps, so that it is not drawn anew ten times a second. */
const STEP_MS = 250;

export interface Replay {
  /** The moment to draw; null for the call as it ended. */
  atMs: number | null;
  playing: boolean;
  waiting: boolean;
  lost: boolean;
  speed: number;
  /** What is kept; null until that is known, or when it cannot be asked for (`unknown`). */
  audio: CallAudio | null;
  unknown: boolean;
  toggle(): void;
  seek(atMs: number | null): void;
  setSpeed(speed: number): void;
}

type View = Pick<Replay, "atMs" | "playing" | "waiting" | "lost" | "speed">;
const STILL: View = { atMs: null, playing: false, waiting: false, lost: false, speed: 1 };

/** Plays an ended call; while it runs only `atMs` and `seek` are of use, and nothing is asked for. */
export function useReplay(picture: Picture): Replay {
  const callId = picture.call.call_id;
  const ended = picture.ended !== null;
  const { audio, unknown } = useAudio(callId, ended);
  const [view, setView] = useState<View>(STILL);
  const player = usePlayer(callId, audio, ended ? lengthOf(picture) : 0);
  const look = useCallback((of: Player, whole = false) => {
    const { playing, waiting, lost, speed } = of;
    const atMs = whole ? null : Math.floor(of.atMs / STEP_MS) * STEP_MS;
    setView((before) => {
      const next = { playing, waiting, lost, speed, atMs };
      return (Object.keys(next) as (keyof View)[]).every((name) => next[name] === before[name]) ? before : next;
    });
  }, []);

  useEffect(() => {
    if (!view.playing) return;
    const timer = window.setInterval(() => {
      const of = player.current;
      of?.tick();
      if (of) look(of, !of.playing);
    }, TICK_MS);
    return () => window.clearInterval(timer);
  }, [view.playing, look, player]);

  return useMemo(() => ({
    ...view, audio, unknown,
    toggle: () => {
      const of = player.current;
      if (!of || !ended) return;
      if (of.playing) of.pause();
      else void of.play().then(() => look(of));
      look(of);
    },
    seek: (atMs) => {
      if (atMs === null) player.current?.pause();
      player.current?.seek(atMs ?? 0);
      if (player.current && ended) look(player.current, atMs === null);
      else setView((before) => ({ ...before, atMs }));
    },
    setSpeed: (speed) => {
      player.current?.setSpeed(speed);
      setView((before) => ({ ...before, speed }));
    },
  }), [view, audio, unknown, ended, look, player]);
}

/** The player of a call; another one once it is known that there is sound. */
function usePlayer(callId: string, audio: CallAudio | null, lengthMs: number) {
  const { api } = useShared();
  const player = useRef<Player | null>(null);
  useEffect(() => {
    const segments = segmentsOf(audio);
    const sound = segments.length > 0 ? webSound() : silentSound();
    const made = new Player(sound, segments, lengthMs, (one) => audioSegment(api, callId, one.channel, one.number));
    player.current = made;
    return () => made.close();
  }, [api, callId, audio, lengthMs]);
  return player;
}

function useAudio(callId: string, ended: boolean): { audio: CallAudio | null; unknown: boolean } {
  const { api } = useShared();
  const [found, setFound] = useState<{ audio: CallAudio | null; unknown: boolean }>({ audio: null, unknown: false });
  useEffect(() => {
    if (!ended) return;
    let wantedStill = true;
    callAudio(api, callId).then(
      (audio) => wantedStill && setFound({ audio, unknown: false }),
      () => wantedStill && setFound({ audio: null, unknown: true }),
    );
    return () => {
      wantedStill = false;
    };
  }, [api, callId, ended]);
  return found;
}
