import { useTranslation } from "react-i18next";

export const PANES = ["words", "graph", "details"] as const;
export type Pane = (typeof PANES)[number];

interface Props {
  pane: Pane;
  onPane(pane: Pane): void;
  words: number;
  needs: number;
  /** Something is chosen, so details have something to show. */
  chosen: boolean;
}

/** On a narrow window the panes lie behind one another; this chooses. */
export function PaneTabs({ pane, onPane, words, needs, chosen }: Props) {
  const { t } = useTranslation("call");
  const counts: Record<Pane, string> = { words: String(words), graph: String(needs), details: chosen ? "•" : "" };
  return (
    <div className="pane-tabs" role="group" aria-label={t("panes.label")}>
      {PANES.map((one) => (
        <button key={one} aria-pressed={pane === one} data-testid={`pane-${one}`} onClick={() => onPane(one)}>
          {t(`panes.${one}`)} {counts[one] && <span className="count">{counts[one]}</span>}
        </button>
      ))}
    </div>
  );
}
