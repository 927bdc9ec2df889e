// Questions for Neo4j Browser, Bloom or cypher-shell. First: `:param tenant => 'demo'` (and `:param account => '…'`).
// Every one of them is run by the tests on both engines.

// 1. What is open at an account, the most wanted first?
MATCH (:Account {tenant: $tenant, id: $account})<-[:WITH]-(:Call)<-[:IN]-(u:Utterance)<-[v:VOICED_IN]-(n:Need {status: 'open'})
WHERE v.retired_at IS NULL
RETURN n.kind AS kind, n.type AS type, n.label AS label, n.strength AS strength, count(v) AS times
ORDER BY strength DESC, times DESC;

// 2. Which wants come up at more than one account?
MATCH (n:Need {tenant: $tenant})-[v:VOICED_IN]->(:Utterance)-[:IN]->(:Call)-[:WITH]->(a:Account)
WHERE v.retired_at IS NULL
RETURN n.kind AS kind, n.type AS type, count(DISTINCT a) AS accounts, count(DISTINCT n) AS needs
ORDER BY accounts DESC, needs DESC;

// 3. Which needs does no roadmap item answer?
MATCH (n:Need {tenant: $tenant, kind: 'need'})
WHERE NOT EXISTS { MATCH (n)-[l:ANSWERED_BY]->(:Item {kind: 'roadmap'}) WHERE l.retired_at IS NULL }
RETURN n.type AS type, n.label AS label, n.strength AS strength
ORDER BY strength DESC;

// 4. Which roadmap items are wanted most, and may they be said aloud?
MATCH (i:Item {tenant: $tenant, kind: 'roadmap'})<-[l:ANSWERED_BY]-(n:Need)
WHERE l.retired_at IS NULL
RETURN i.item_id AS item, i.title AS title, i.may_say AS may_say, count(DISTINCT n) AS needs
ORDER BY needs DESC;

// 5. Which wants and doubts are voiced where a competitor is named, and which of its pages answer them?
MATCH (n:Need {tenant: $tenant})-[a:ABOUT]->(t:Thing {type: 'competitor'})
WHERE a.retired_at IS NULL
OPTIONAL MATCH (n)-[l:ANSWERED_BY]->(i:Item {kind: 'document', competitor: t.name}) WHERE l.retired_at IS NULL
RETURN t.name AS competitor, n.kind AS kind, n.type AS type, n.label AS said, collect(DISTINCT i.title) AS pages;

// 6. Which wants do customers disagree about, who wants them and who does not?
MATCH (n:Need {tenant: $tenant})-[v:VOICED_IN]->(u:Utterance)
WHERE v.retired_at IS NULL AND size(n.disputed_by) > 0 AND NOT u.speaker IN n.disputed_by
RETURN n.label AS need, n.status AS status, collect(DISTINCT u.speaker) AS wanted_by, n.disputed_by AS not_wanted_by
ORDER BY need;

// 7. What became of needs, and by whose words?
MATCH (n:Need {tenant: $tenant})-[b:BECAME]->(s:StatusChange)
WHERE b.retired_at IS NULL
RETURN n.label AS need, s.status AS status, s.text AS words, s.speaker AS speaker, s.decided_by AS decided_by, s.at AS at
ORDER BY at;

// 8. Which links were shown once and are no longer?
MATCH (n:Need {tenant: $tenant})-[l:ANSWERED_BY]->(i:Item)
WHERE l.retired_at IS NOT NULL
RETURN n.label AS need, i.title AS item, l.score AS score, l.recorded_at AS since, l.retired_at AS until;

// 9. What did we know of an account at a time? (`:param at => '2026-03-02T12:04:00.000000Z'`)
MATCH (:Account {tenant: $tenant, id: $account})<-[:WITH]-(:Call)<-[:IN]-(:Utterance)<-[v:VOICED_IN]-(n:Need)
WHERE v.recorded_at <= $at AND (v.retired_at IS NULL OR v.retired_at > $at)
MATCH (n)-[:STATE]->(s:NeedState)
WHERE s.recorded_at <= $at AND (s.retired_at IS NULL OR s.retired_at > $at)
RETURN DISTINCT n.id AS need, s.label AS label, s.status AS status, s.strength AS strength;

// 10. In which second of which call was a want voiced?
MATCH (n:Need {tenant: $tenant})-[v:VOICED_IN]->(u:Utterance)-[:IN]->(c:Call)
WHERE v.retired_at IS NULL
RETURN n.label AS need, c.id AS call, u.start_ms / 1000 AS second, u.speaker AS speaker, v.text AS words
ORDER BY call, second;

// 11. Which amounts and dates were named at an account, when and by whom?
MATCH (:Account {tenant: $tenant, id: $account})<-[:WITH]-(c:Call)<-[:IN]-(u:Utterance)-[n:NAMES]->(t:Thing)
WHERE n.retired_at IS NULL AND t.type IN ['amount', 'date']
RETURN t.type AS type, t.name AS name, u.speaker AS speaker, c.id AS call, u.start_ms / 1000 AS second, u.text AS words
ORDER BY call, second;

// 12. Which competitors, products and people are named at how many accounts?
MATCH (t:Thing {tenant: $tenant})<-[n:NAMES]-(u:Utterance)-[:IN]->(:Call)-[:WITH]->(a:Account)
WHERE n.retired_at IS NULL AND NOT t.type IN ['amount', 'date']
RETURN t.type AS type, t.name AS name, count(DISTINCT a) AS accounts, count(n) AS times
ORDER BY accounts DESC, times DESC, name;
