/** Replay of an ended call. */
export const replay = {
  region: "Replay",
  play: "Play", pause: "Pause",
  playTitle: "Play or pause (space)",
  speed: "Speed", times: "{{speed}}×",
  position: "Place in the call",
  wholeCall: "Whole call",
  loading: "fetching the sound…",
  silence: "Nobody speaks.",
  silent: "No sound: {{reason}}",
  nobodyAsked: "nobody was asked to keep it.",
  nobodyAgreed: "nobody agreed to keep it.",
  gone: "none is kept.",
  partly: "{{names}}: no sound kept.",
  lost: "Some of the sound could not be read; it is silent there.",
  unreachable: "it could not be asked for.",
};
