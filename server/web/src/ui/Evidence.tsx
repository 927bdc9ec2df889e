import { useEffect, useState } from "react";

interface Shown {
  text: string;
  left: number;
  /** From the bottom or the top of the window, wherever there is room. */
  top: number | null;
  bottom: number;
}

const GAP_PX = 6;
const WIDTH_PX = 300;

/** What tells of underlined words, beside them while they are pointed at or have the focus; Escape puts it away. */
export function Evidence({ box }: { box: { current: HTMLElement | null } }) {
  const [shown, show] = useState<Shown | null>(null);
  useEffect(() => {
    const root = box.current;
    if (!root) return;
    const over = (event: Event) => {
      const mark = (event.target as Element).closest<HTMLElement>("[data-evidence]");
      show(mark ? beside(mark) : null);
    };
    const away = () => show(null);
    const key = (event: KeyboardEvent) => event.key === "Escape" && away();
    root.addEventListener("pointerover", over);
    root.addEventListener("focusin", over);
    root.addEventListener("focusout", away);
    root.addEventListener("pointerleave", away);
    root.addEventListener("scroll", away, { passive: true });
    window.addEventListener("keydown", key);
    return () => {
      root.removeEventListener("pointerover", over);
      root.removeEventListener("focusin", over);
      root.removeEventListener("focusout", away);
      root.removeEventListener("pointerleave", away);
      root.removeEventListener("scroll", away);
      window.removeEventListener("keydown", key);
    };
  }, [box]);
  if (!shown) return null;
  const { text, left, top, bottom } = shown;
  return <div className="tip" role="tooltip" style={top === null ? { left, bottom } : { left, top }}>{text.split("\n").map((line, at) => <p key={at}>{line}</p>)}</div>;
}

function beside(mark: HTMLElement): Shown {
  const at = mark.getClientRects()[0] ?? mark.getBoundingClientRect();
  const low = at.top > window.innerHeight / 2;
  return {
    text: mark.dataset["evidence"] ?? "",
    left: Math.max(8, Math.min(at.left, window.innerWidth - WIDTH_PX - 8)),
    top: low ? null : at.bottom + GAP_PX,
    bottom: window.innerHeight - at.top + GAP_PX,
  };
}
