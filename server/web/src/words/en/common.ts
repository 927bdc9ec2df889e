/** Words of the frame around every view. */
export const common = {
  views: { call: "Call", calls: "Calls", accounts: "Accounts", review: "Review", models: "Models", start: "New call" },
  kind: { need: "need", hesitation: "hesitation" },
  close: "Close",
  cancel: "Cancel",
  undo: "Undo",
  loading: "Loading…",
  lost: "Connection lost. This is the last known picture.",
  tryNow: "Try now",
  language: "Language",
};
