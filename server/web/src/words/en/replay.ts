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
  silent: "Without sound: {{reason}}",
  nobodyAsked: "nobody was asked to have the sound kept.",
  nobodyAgreed: "nobody agreed to have the sound kept.",
  gone: "no sound is kept.",
  partly: "Without the voice of {{names}}: no sound of theirs is kept.",
  lost: "Some of the sound could not be read; it is silent there.",
  unreachable: "whether sound was kept could not be asked.",
};
