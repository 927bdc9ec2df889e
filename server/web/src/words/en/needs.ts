/** Words for needs, hesitations and what answers them, in cards, recaps, summaries and accounts. */
export const needs = {
  status: { open: "open", addressed: "answered", confirmed: "confirmed", withdrawn: "withdrawn", resolved: "settled" },
  item: { ticket: "Ticket", document: "Document", roadmap: "Roadmap" },
  kinds: { need: "Needs", hesitation: "Hesitations" },
  needCount_one: "{{count}} need", needCount_other: "{{count}} needs",
  callCount_one: "{{count}} call", callCount_other: "{{count}} calls",
  maySay: "May say",
  mustNot: "Do not say",
  maySayTitle: "You may tell the customer this",
  mustNotTitle: "This must not be told to the customer",
  nothing: "Nothing we know answers it yet.",
  disputed: "{{names}} said no to it",
  goThere: "Show in the call",
  again: "Try again",
  failed: "This could not be read: {{reason}}",
};
