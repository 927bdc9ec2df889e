// A scripted call for the page's own development. Signals are found by their words; links name ITEMS by position.
export const CHANNELS = [
  { channel: "rep", role: "rep", speaker: "Jonas Weber" },
  { channel: "it", role: "customer", speaker: "Priya Nair" },
  { channel: "buy", role: "customer", speaker: "Martin Oduya" },
];

export const ITEMS = [
  { kind: "ticket", id: "T-1042", section: null, title: "Write call notes back to Salesforce opportunities", score: 0.91, evidence: "Notes and next steps are written to the opportunity within a minute of the call ending.", updated_at: "2025-09-12", status: "shipped" },
  { kind: "roadmap", id: "R-07", section: null, title: "Two-way field sync with Salesforce custom objects", score: 0.78, evidence: "Custom objects follow in the first half of next year.", updated_at: "2025-10-02", may_say: false, quarter: "2026-Q2" },
  { kind: "roadmap", id: "R-11", section: null, title: "Hosting in Frankfurt with customer-held keys", score: 0.88, evidence: "All recordings and keys stay in the Frankfurt region.", updated_at: "2025-08-30", may_say: true, quarter: "2025-Q4" },
  { kind: "document", id: "calldeck", section: "pricing", title: "CallDeck: what their price leaves out", score: 0.83, evidence: "CallDeck charges separately for storage after ninety days.", updated_at: "2025-07-19", competitor: "CallDeck" },
  { kind: "ticket", id: "T-0967", section: null, title: "Load test: 2,500 parallel calls on one cluster", score: 0.86, evidence: "Two thousand five hundred parallel calls held for four hours.", updated_at: "2025-09-28", status: "done" },
  { kind: "document", id: "calldeck", section: "migration", title: "CallDeck: moving archives across", score: 0.64, evidence: "Archives are read over the public export, about a terabyte a night.", updated_at: "2025-06-03", competitor: "CallDeck" },
  { kind: "ticket", id: "T-1101", section: null, title: "Trial on the customer's own recordings", score: 0.81, evidence: "A trial takes fifty recordings and returns a report in two days.", updated_at: "2025-10-08", status: "open" },
];

const need = (words, type, strength, links, id) => ({ kind: "need", words, type, strength, links, id });
const hesitation = (words, type, strength, links, id) => ({ kind: "hesitation", words, type, strength, links, id });

export const TURNS = [
  ["rep", "Thanks for joining, both of you. Priya, last time you mentioned the support floor. Where shall we start?", []],
  ["it", "Well, the first thing for me is that it has to write back to Salesforce, otherwise the team types everything twice.", [need("write back to Salesforce", "integration", 3, [0, 1], "n1")]],
  ["rep", "Understood. And how many people would be on calls at the same time?", []],
  ["it", "On Mondays it has to hold two thousand calls at once, and I don't see how this handles our night shift in Manila.", [need("hold two thousand calls at once", "performance", 3, [4], "n2"), hesitation("I don't see how this handles our night shift", "fit", 2, [], "h1")]],
  ["buy", "Let me come in here. What you quoted is above what we set aside for this year.", [hesitation("above what we set aside", "price", 2, [3], "h2")]],
  ["rep", "That is fair. May I ask what you are comparing us with?", []],
  ["buy", "CallDeck offered us the same with storage included 👍 and we would want monthly billing instead of annual.", [hesitation("CallDeck offered us the same", "competitor", 2, [3, 5], "h3"), need("monthly billing instead of annual", "commercial", 1, [], "n3")]],
  ["it", "Also, our data must stay in Germany. The works council will not sign anything else.", [need("our data must stay in Germany", "compliance", 3, [2], "n4"), hesitation("The works council will not sign", "authority", 3, [], "h4")]],
  ["rep", "We can host in Frankfurt. Would it help to see it run?", []],
  ["it", "Yes. Can we see it on our own recordings, before the audit in March if possible?", [need("see it on our own recordings", "proof", 2, [6], "n5"), need("before the audit in March", "timeline", 2, [], "n6")]],
  ["buy", "And who is going to move six years of tickets? That worries me more than the price.", [hesitation("who is going to move six years of tickets", "effort", 3, [5], "h5")]],
  ["it", "To say it again, without the sync into Salesforce we cannot start at all.", [need("without the sync into Salesforce we cannot start", "integration", 3, [0], "n1")]],
  ["buy", "Hmm, I don't know. Maybe. Let us look at it after the merger.", [hesitation("I don't know. Maybe", "uncertainty", 1, [], "h6"), hesitation("look at it after the merger", "timing", 2, [], "h7")]],
  ["it", "Somebody has to train the night shift, that part is not optional. 我们需要中文支持。", [need("train the night shift", "support", 3, [], "n7"), need("我们需要中文支持", "capability", 2, [], "n8")]],
  ["rep", "I hear you. I will send a plan for the trial and the move by Thursday.", []],
];

/** Who does not want what another one does. */
export const DISPUTED = { n3: ["Priya Nair"] };

/** Type, name and the words that name it. */
export const NAMES = [
  ["competitor", "CallDeck", "CallDeck"], ["product", "Salesforce", "Salesforce"], ["person", "Priya Nair", "Priya"],
  ["amount", "two thousand calls", "two thousand calls"], ["amount", "six years", "six years"],
  ["date", "March", "March"], ["date", "Thursday", "Thursday"], ["date", "this year", "this year"],
];

export const LABELS = [
  ["need", "capability", "wants the product to do something"],
  ["need", "integration", "wants it to work with another system"],
  ["need", "performance", "wants speed, scale, uptime or capacity"],
  ["need", "compliance", "wants security, privacy, audit or a place for the data"],
  ["need", "commercial", "wants a price, discount, contract or payment form"],
  ["need", "support", "wants service, training, onboarding or a contact"],
  ["need", "timeline", "wants something by a date or in an order"],
  ["need", "proof", "wants evidence: a reference, trial or demo"],
  ["hesitation", "price", "held back by cost or budget"],
  ["hesitation", "risk", "held back by security, trust, survival or lock-in"],
  ["hesitation", "fit", "doubts that it does what they need"],
  ["hesitation", "competitor", "another vendor or an in-house build"],
  ["hesitation", "status_quo", "today's way is good enough"],
  ["hesitation", "authority", "someone else decides"],
  ["hesitation", "timing", "not now"],
  ["hesitation", "effort", "migration, change or workload on their side"],
  ["hesitation", "uncertainty", "hedged or evasive, no reason given"],
].map(([kind, type, hint]) => ({ retired: type === "timing", examples: null, young: false, kind, type, hint, title: type === "commercial" ? "Commercial terms" : type[0].toUpperCase() + type.slice(1).replace("_", " ") }));
