/** Words of the frame around every view. */
export const common = {
  views: { call: "Call", calls: "Calls", accounts: "Accounts", review: "Review", models: "Models", start: "New call" },
  kind: { need: "need", hesitation: "hesitation" },
  close: "Close",
  cancel: "Cancel",
  undo: "Undo",
  loading: "Loading…",
  lost: "Connection lost. What you see is the last known picture; trying again by itself.",
  tryNow: "Try now",
  language: "Language",
};
