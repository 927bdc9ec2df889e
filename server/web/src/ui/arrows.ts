/** Where an arrow key, Home or End leads within a column; undefined when it leads nowhere. */
export function moveWithin<T>(key: string, column: readonly T[], current: T): T | undefined {
  const at = column.indexOf(current);
  switch (key) {
    case "ArrowDown":
      return column[at + 1];
    case "ArrowUp":
      return at > 0 ? column[at - 1] : undefined;
    case "Home":
      return column[0];
    case "End":
      return column.at(-1);
    default:
      return undefined;
  }
}
