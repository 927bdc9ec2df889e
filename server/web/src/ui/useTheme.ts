import { useEffect, useState } from "react";

const KEY = "needgraph.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

export interface Theme {
  dark: boolean;
  toggle(): void;
}

/** The screen's own preference until the person chooses. */
export function useTheme(): Theme {
  const [chosen, choose] = useState(() => localStorage.getItem(KEY));
  const [preferred, prefer] = useState(dark.matches);
  useEffect(() => {
    const follow = () => prefer(dark.matches);
    dark.addEventListener("change", follow);
    return () => dark.removeEventListener("change", follow);
  }, []);
  const isDark = chosen === null ? preferred : chosen === "dark";
  useEffect(() => {
    document.documentElement.dataset["theme"] = isDark ? "dark" : "light";
  }, [isDark]);
  const toggle = () => {
    const next = isDark ? "light" : "dark";
    localStorage.setItem(KEY, next);
    choose(next);
  };
  return { dark: isDark, toggle };
}
