import { useEffect, useRef } from "react";
import { filled } from "./levels";
import { sound, type Input } from "./sound";

/** How often a screen reader may be told another value, in blocks of 100 ms. */
const TOLD_EVERY = 10;

/** The level of an input, ten times a second, without drawing React's tree anew. */
export function Meter({ input, label }: { input: Input; label: string }) {
  const meter = useRef<HTMLDivElement>(null);
  const fill = useRef<HTMLElement>(null);
  useEffect(() => {
    let blocks = 0;
    return sound.onBlock(() => {
      const level = filled(sound.levels[input]);
      if (fill.current) fill.current.style.transform = `scaleX(${level.toFixed(3)})`;
      if (blocks % TOLD_EVERY === 0) meter.current?.setAttribute("aria-valuenow", String(Math.round(level * 100)));
      blocks += 1;
    });
  }, [input]);
  return (
    <div ref={meter} className="meter" role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={100} aria-valuenow={0}>
      <i ref={fill} />
    </div>
  );
}
