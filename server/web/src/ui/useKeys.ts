import { useEffect, useRef } from "react";

const TYPING = "input, textarea, select, [role=dialog]";

/** Single keys for the whole view; never while somebody types or a dialog is open, nor on a focused button's own Enter. */
export function useKeys(keys: Record<string, () => unknown>): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (document.querySelector("dialog[open]")) return;
      const target = event.target as HTMLElement;
      if (target.closest(TYPING) && event.key !== "Escape") return;
      if (event.key === "Enter" && target.closest("button, a, summary, [role=button]")) return;
      const act = current.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, []);
}
