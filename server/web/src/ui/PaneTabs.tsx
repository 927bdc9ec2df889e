import { useTranslation } from "react-i18next";
import type { Replay } from "./useReplay";

export const PANES = ["words", "graph", "details"] as const;
export type Pane = (typeof PANES)[number];

interface Props {
  pane: Pane;
  onPane(pane: Pane): void;
  words: number;
  needs: number;
  /** Something is chosen, so details have something to show. */
  chosen: boolean;
  /** What plays the call, once it has ended. */
  replay: Replay | null;
}

/** On a narrow window the panes lie behind one another; this chooses. */
export function PaneTabs({ pane, onPane, words, needs, chosen, replay }: Props) {
  const { t } = useTranslation(["call", "replay"]);
  const counts: Record<Pane, string> = { words: String(words), graph: String(needs), details: chosen ? "•" : "" };
  return (
    <div className="pane-tabs" role="group" aria-label={t("call:panes.label")}>
      {PANES.map((one) => (
        <button key={one} aria-pressed={pane === one} data-testid={`pane-${one}`} onClick={() => onPane(one)}>
          {t(`call:panes.${one}`)} {counts[one] && <span className="count">{counts[one]}</span>}
        </button>
      ))}
      {replay && <button className="pane-play" onClick={replay.toggle}>{t(replay.playing ? "replay:pause" : "replay:play")}</button>}
    </div>
  );
}
