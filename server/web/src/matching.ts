// Which of some options a few typed letters mean. Pure.

export interface Option {
  id: string;
  group: string;
  text: string;
  /** More words that may be searched for, shown small. */
  detail?: string;
}

/** Without case and accents; what is typed on another keyboard finds it as well. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** How well an option fits: 0 begins with it, 1 a word does, 2 holds it, 3 its details do; null when it does not. */
function fit(option: Option, parts: readonly string[]): number | null {
  const text = plain(option.text);
  const detail = plain(option.detail ?? "");
  let worst = 0;
  for (const part of parts) {
    const at = text.indexOf(part);
    const begins = at > 0 && new RegExp(`(^|[^\\p{L}\\p{N}])${escaped(part)}`, "u").test(text);
    const found = at === 0 ? 0 : begins ? 1 : at > 0 ? 2 : detail.includes(part) ? 3 : null;
    if (found === null) return null;
    worst = Math.max(worst, found);
  }
  return worst;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The options that hold every typed word, the best first; options of one group stay together. */
export function matching<O extends Option>(options: readonly O[], typed: string): O[] {
  const parts = plain(typed).split(/\s+/).filter(Boolean);
  if (parts.length === 0) return [...options];
  const found = options.flatMap((option, at) => {
    const rank = fit(option, parts);
    return rank === null ? [] : [{ option, rank, at }];
  });
  const best = new Map<string, number>();
  for (const { option, rank } of found) best.set(option.group, Math.min(rank, best.get(option.group) ?? rank));
  const groups = [...new Set(options.map((one) => one.group))];
  const order = (group: string) => (best.get(group) ?? 0) * groups.length + groups.indexOf(group);
  found.sort((a, b) => order(a.option.group) - order(b.option.group) || a.rank - b.rank || a.at - b.at);
  return found.map(({ option }) => option);
}
