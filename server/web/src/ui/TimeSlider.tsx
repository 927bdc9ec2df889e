import { useTranslation } from "react-i18next";
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

/** Goes back over the call: the graph as it stood at a moment. It has its height before the first words. */
export function TimeSlider({ picture, atMs, onAt }: Props) {
  const { t } = useTranslation("call");
  const length = Math.ceil(lengthOf(picture) / STEP_MS) * STEP_MS;
  const now = atMs === null;
  const label = now ? (picture.ended ? t("time.end") : t("time.now")) : t("time.at", { time: clock(atMs) });
  return (
    <div className={now ? "time" : "time past"} data-testid="time">
      <input
        type="range"
        min={0}
        max={Math.max(length, STEP_MS)}
        step={STEP_MS}
        value={atMs ?? Math.max(length, STEP_MS)}
        disabled={length === 0}
        aria-label={t("time.label")}
        aria-valuetext={label}
        onChange={(event) => {
          const at = Number(event.target.value);
          onAt(at >= length ? null : at);
        }}
      />
      <output>{label}</output>
      {!now && <button className="link" onClick={() => onAt(null)}>{picture.ended ? t("time.whole") : t("time.back")}</button>}
    </div>
  );
}
