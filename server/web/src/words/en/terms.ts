/** Words that are the same everywhere on the page: statuses, strengths, items, named things, and what is said of them. */
export const terms = {
  status: { open: "open", addressed: "answered", confirmed: "confirmed", withdrawn: "withdrawn", resolved: "settled" },
  strength: {
    need: { s1: "nice to have", s2: "important", s3: "must have" },
    hesitation: { s1: "mild", s2: "clear", s3: "blocking" },
  },
  strengthOf: "strength {{strength}} of 3, {{name}}",
  item: { ticket: "Ticket", document: "Document", roadmap: "Roadmap" },
  maySay: "May say",
  doNotSay: "Do not say",
  maySayTitle: "You may tell the customer this",
  doNotSayTitle: "This must not be told to the customer",
  kinds: { need: "Need", hesitation: "Hesitation" },
  thing: {
    competitor: "competitor", account: "account", product: "product", organisation: "organisation", person: "person", amount: "amount", date: "date",
  },
  needCount_one: "{{count}} need", needCount_other: "{{count}} needs",
  callCount_one: "{{count}} call", callCount_other: "{{count}} calls",
  nothing: "Nothing we know answers it yet.",
  disputed: "{{names}} said no to it",
  goThere: "Show in the call",
  again: "Try again",
  failed: "This could not be read: {{reason}}",
};
