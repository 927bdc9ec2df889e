import { useEffect, useId, useRef, type ReactNode } from "react";

/** Where something opens beside the words: bottom and left of them on the screen, in pixels. */
export interface Place {
  top: number;
  left: number;
}

/** Kept free at the edges of the window, in pixels. */
const EDGE_PX = 8;
const BAR_PX = 60;

/** Put a box of this size near a place, wholly inside the window. */
export function within(place: Place, width: number, height: number): { top: number; left: number } {
  return {
    top: Math.max(BAR_PX, Math.min(place.top + 6, window.innerHeight - height - EDGE_PX)),
    left: Math.max(EDGE_PX, Math.min(place.left, window.innerWidth - width - EDGE_PX)),
  };
}

/** Calls back when somebody presses outside of what `box` holds. */
export function useAway(box: { current: HTMLElement | null }, onAway: () => void): void {
  const away = useRef(onAway);
  away.current = onAway;
  useEffect(() => {
    const press = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) away.current();
    };
    window.addEventListener("pointerdown", press);
    return () => window.removeEventListener("pointerdown", press);
  }, [box]);
}

const WIDTH_PX = 340;

/** A small sheet beside the words it is about; Escape and a press elsewhere close it. */
export function Sheet({ title, place, height, onClose, children }: { title: string; place: Place; height: number; onClose(): void; children: ReactNode }) {
  const sheet = useRef<HTMLDivElement>(null);
  const id = useId();
  useAway(sheet, onClose);
  return (
    <div
      ref={sheet}
      className="sheet"
      role="dialog"
      aria-labelledby={id}
      style={within(place, WIDTH_PX, height)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.preventDefault();
        onClose();
      }}
    >
      <h3 id={id}>{title}</h3>
      {children}
    </div>
  );
}
