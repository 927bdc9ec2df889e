/** Short phrases made of figures and names: silences, hedges. */
export const text = {
  disputedBy: "{{names}} does not want it",
  disputedByMany: "{{names}} do not want it",
  cue: {
    response_gap: "waited {{value}} s, usually {{usual}}",
    pause: "paused for {{value}} s, usually {{usual}}",
    fillers: "{{value}} filler words, usually {{usual}}",
    short_answer: "{{value}} words in answer to a long question, usually {{usual}}",
  },
  hedging: { hedge: "hedged {{words}}", deferral: "put off {{words}}", filler: "filled {{words}}" },
  quote: "“{{words}}”",
  and: "{{first}} and {{last}}",
};
