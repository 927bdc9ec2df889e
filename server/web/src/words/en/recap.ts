/** For who joins a running call late. */
export const recap = {
  title: "What happened before you came",
  running_one: "{{length}} so far, {{names}} is on.", running_other: "{{length}} so far, {{names}} are on.",
  open: "Open",
  answered: "Answered",
  noNeeds: "No need or hesitation so far.",
  last: "Just now",
  names: "Named",
  times_one: "once", times_other: "{{count}} times",
  more_one: "and {{count}} more in the graph", more_other: "and {{count}} more in the graph",
  close: "Close the recap",
  ended: "Ended after {{length}}",
  summary: "Summary",
};
