/** What statuses, strengths, items and named things are called, everywhere on the page. */
export const terms = {
  status: { open: "open", addressed: "answered", confirmed: "confirmed", withdrawn: "withdrawn", resolved: "settled" },
  strength: {
    need: { s1: "nice to have", s2: "important", s3: "must have" },
    hesitation: { s1: "mild", s2: "clear", s3: "blocking" },
  },
  strengthOf: "strength {{strength}} of 3, {{name}}",
  item: { ticket: "Ticket", document: "Document", roadmap: "Roadmap" },
  maySay: "may say",
  doNotSay: "do not say",
  kinds: { need: "Need", hesitation: "Hesitation" },
  thing: {
    competitor: "competitor", account: "account", product: "product", organisation: "organisation", person: "person", amount: "amount", date: "date",
  },
};
