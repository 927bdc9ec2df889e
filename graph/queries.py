"""Every Cypher text, named. All that name a node anchor on `$tenant`; all are idempotent.

All but the making of a database run on Neo4j 5 and on the engine.

Facts that can change (a need's state, its mentions, its links) are never overwritten: the old one gets `retired_at`
and a new one is made, so "what did we know at 12:04?" is a filter on `recorded_at` and `retired_at`. Both are RFC 3339
in UTC with six digits, which compare as text.
"""

from typing import LiteralString

CREATE_DATABASE: LiteralString = "CREATE DATABASE $name IF NOT EXISTS WAIT"

READ_POSITION: LiteralString = "MATCH (p:Position {tenant: $tenant, id: 'journal'}) RETURN p.seq AS seq"

WRITE_POSITION: LiteralString = "MERGE (p:Position {tenant: $tenant, id: 'journal'}) SET p.seq = $seq"

MOVE_POSITION: LiteralString = """
MERGE (p:Position {tenant: $tenant, id: 'journal'})
WITH p, p.seq AS before
SET p.seq = $seq
RETURN before
"""

UPSERT_ITEMS: LiteralString = """
UNWIND $rows AS row
MERGE (i:Item {tenant: $tenant, id: row.id})
SET i += row.props
REMOVE i.removed_at
"""

REMOVE_ITEMS: LiteralString = """
UNWIND $rows AS row
MATCH (i:Item {tenant: $tenant, id: row.id})
SET i.removed_at = row.at
"""

UPSERT_CALLS: LiteralString = """
UNWIND $rows AS row
MERGE (a:Account {tenant: $tenant, id: row.account})
SET a.name = row.account
MERGE (c:Call {tenant: $tenant, id: row.id})
SET c += row.props
MERGE (c)-[:WITH]->(a)
"""

END_CALLS: LiteralString = """
UNWIND $rows AS row
MATCH (c:Call {tenant: $tenant, id: row.id})
SET c += row.props
"""

UPSERT_PEOPLE: LiteralString = """
UNWIND $rows AS row
MATCH (c:Call {tenant: $tenant, id: row.call_id})
MERGE (p:Person {tenant: $tenant, id: row.id})
SET p += row.props
MERGE (p)-[:SPOKE_IN {role: row.role}]->(c)
"""

UPSERT_UTTERANCES: LiteralString = """
UNWIND $rows AS row
MATCH (c:Call {tenant: $tenant, id: row.call_id})
MERGE (u:Utterance {tenant: $tenant, id: row.id})
SET u += row.props
MERGE (u)-[:IN]->(c)
WITH u, row
MATCH (p:Person {tenant: $tenant, id: row.person_id})
MERGE (p)-[:SAID]->(u)
"""

UPSERT_NEEDS: LiteralString = """
UNWIND $rows AS row
MERGE (n:Need {tenant: $tenant, id: row.id})
SET n += row.need
WITH n, row
OPTIONAL MATCH (n)-[:STATE]->(s:NeedState) WHERE s.retired_at IS NULL
WITH n, row, s WHERE s IS NULL OR s.key <> row.key
SET s.retired_at = row.at
MERGE (t:NeedState {tenant: $tenant, id: row.state})
SET t += row.props
MERGE (n)-[:STATE]->(t)
"""

RETIRE_STATES: LiteralString = """
UNWIND $rows AS row
MATCH (n:Need {tenant: $tenant, id: row.id})-[:STATE]->(s:NeedState)
WHERE s.retired_at IS NULL
SET s.retired_at = row.at
"""

RETIRE_EDGES: LiteralString = """
UNWIND $rows AS row
MATCH (n:Need {tenant: $tenant, id: row.id})-[e:VOICED_IN|ANSWERED_BY|BECAME|ABOUT]->()
WHERE e.retired_at IS NULL AND NOT e.key IN row.keys
SET e.retired_at = row.at
"""

ADD_MENTIONS: LiteralString = """
UNWIND $rows AS row
MATCH (n:Need {tenant: $tenant, id: row.id}), (u:Utterance {tenant: $tenant, id: row.utterance})
OPTIONAL MATCH (n)-[known:VOICED_IN {key: row.key}]->(u) WHERE known.retired_at IS NULL
WITH n, u, row, known WHERE known IS NULL
CREATE (n)-[v:VOICED_IN]->(u)
SET v = row.props
"""

ADD_LINKS: LiteralString = """
UNWIND $rows AS row
MATCH (n:Need {tenant: $tenant, id: row.id}), (i:Item {tenant: $tenant, id: row.item})
OPTIONAL MATCH (n)-[known:ANSWERED_BY {key: row.key}]->(i) WHERE known.retired_at IS NULL
WITH n, i, row, known WHERE known IS NULL
CREATE (n)-[l:ANSWERED_BY]->(i)
SET l = row.props
"""

ADD_CHANGES: LiteralString = """
UNWIND $rows AS row
MATCH (n:Need {tenant: $tenant, id: row.id})
MERGE (s:StatusChange {tenant: $tenant, id: row.change})
SET s += row.props
WITH n, s, row
OPTIONAL MATCH (n)-[known:BECAME {key: row.key}]->(s) WHERE known.retired_at IS NULL
WITH n, s, row, known WHERE known IS NULL
CREATE (n)-[b:BECAME]->(s)
SET b = row.edge
WITH s, row
MATCH (u:Utterance {tenant: $tenant, id: row.utterance})
MERGE (s)-[:SHOWN_IN]->(u)
"""

UPSERT_THINGS: LiteralString = """
UNWIND $rows AS row
MERGE (t:Thing {tenant: $tenant, id: row.id})
SET t += row.props
"""

RETIRE_NAMES: LiteralString = """
UNWIND $rows AS row
MATCH (u:Utterance {tenant: $tenant, id: row.id})-[n:NAMES]->(:Thing)
WHERE n.retired_at IS NULL AND NOT n.key IN row.keys
SET n.retired_at = row.at
"""

ADD_NAMES: LiteralString = """
UNWIND $rows AS row
MATCH (u:Utterance {tenant: $tenant, id: row.id}), (t:Thing {tenant: $tenant, id: row.thing})
OPTIONAL MATCH (u)-[known:NAMES {key: row.key}]->(t) WHERE known.retired_at IS NULL
WITH u, t, row, known WHERE known IS NULL
CREATE (u)-[n:NAMES]->(t)
SET n = row.props
"""

CALL_PEOPLE: LiteralString = """
UNWIND $rows AS row
MATCH (t:Thing {tenant: $tenant, id: row.thing})
MATCH (:Call {tenant: $tenant, id: row.call_id})<-[:SPOKE_IN]-(p:Person {name: row.name})
MERGE (p)-[:CALLED]->(t)
"""

CALL_ACCOUNTS: LiteralString = """
UNWIND $rows AS row
MATCH (t:Thing {tenant: $tenant, id: row.thing})
MATCH (a:Account {tenant: $tenant, id: row.name})
MERGE (a)-[:CALLED]->(t)
"""

ADD_ABOUT: LiteralString = """
UNWIND $rows AS row
MATCH (n:Need {tenant: $tenant, id: row.id}), (t:Thing {tenant: $tenant, id: row.thing})
OPTIONAL MATCH (n)-[known:ABOUT {key: row.key}]->(t) WHERE known.retired_at IS NULL
WITH n, t, row, known WHERE known IS NULL
CREATE (n)-[a:ABOUT]->(t)
SET a = row.props
"""

NEEDS_OF_CALL: LiteralString = """
MATCH (c:Call {tenant: $tenant, id: $id})<-[:IN]-(:Utterance)<-[v:VOICED_IN]-(n:Need)
WHERE v.recorded_at <= $at AND (v.retired_at IS NULL OR v.retired_at > $at)
RETURN DISTINCT n.id AS id
"""

NEEDS_OF_ACCOUNT: LiteralString = """
MATCH (:Account {tenant: $tenant, id: $id})<-[:WITH]-(:Call)<-[:IN]-(:Utterance)<-[v:VOICED_IN]-(n:Need)
WHERE v.recorded_at <= $at AND (v.retired_at IS NULL OR v.retired_at > $at)
RETURN DISTINCT n.id AS id
"""

STATES_OF: LiteralString = """
MATCH (n:Need {tenant: $tenant})-[:STATE]->(s:NeedState)
WHERE n.id IN $ids AND s.recorded_at <= $at AND (s.retired_at IS NULL OR s.retired_at > $at)
RETURN n.id AS need_id, s.kind AS kind, s.type AS type, s.strength AS strength, s.label AS label, s.status AS status,
       s.linked AS linked, coalesce(s.disputed_by, []) AS disputed_by
"""

MENTIONS_OF: LiteralString = """
MATCH (n:Need {tenant: $tenant})-[v:VOICED_IN]->(u:Utterance)-[:IN]->(c:Call)
WHERE n.id IN $ids AND v.recorded_at <= $at AND (v.retired_at IS NULL OR v.retired_at > $at)
RETURN n.id AS need_id, c.id AS call_id, c.started_at AS started_at, u.utterance_id AS utterance_id, v.turn AS turn,
       v.signal_id AS signal_id, v.speaker AS speaker, v.person_id AS person_id, v.start AS start, v.end AS end,
       v.text AS text, v.start_ms AS start_ms, v.end_ms AS end_ms, v.strength AS strength, v.confidence AS confidence,
       v.adapter_id AS adapter_id, v.recorded_at AS recorded_at
"""

CHANGES_OF: LiteralString = """
MATCH (n:Need {tenant: $tenant})-[b:BECAME]->(s:StatusChange)
WHERE n.id IN $ids AND b.recorded_at <= $at AND (b.retired_at IS NULL OR b.retired_at > $at)
RETURN n.id AS need_id, s.id AS change_id, s.call_id AS call_id, s.status AS status, s.at AS at,
       s.decided_by AS decided_by, s.score AS score, s.utterance_id AS utterance_id, s.turn AS turn,
       s.speaker AS speaker, s.start AS start, s.end AS end, s.text AS text, s.start_ms AS start_ms, b.rank AS rank
"""

LINKS_OF: LiteralString = """
MATCH (n:Need {tenant: $tenant})-[l:ANSWERED_BY]->(i:Item)
WHERE n.id IN $ids AND l.recorded_at <= $at AND (l.retired_at IS NULL OR l.retired_at > $at)
RETURN n.id AS need_id, i.kind AS kind, i.item_id AS id, i.section AS section, l.title AS title, l.score AS score,
       l.evidence AS evidence, l.may_say AS may_say, l.source_version AS source_version, l.updated_at AS updated_at,
       l.rank AS rank
"""

ABOUT_OF: LiteralString = """
MATCH (n:Need {tenant: $tenant})-[a:ABOUT]->(t:Thing)
WHERE n.id IN $ids AND a.recorded_at <= $at AND (a.retired_at IS NULL OR a.retired_at > $at)
RETURN n.id AS need_id, t.type AS type, a.name AS name, a.rank AS rank
"""

DROP_TENANT_BATCH: LiteralString = """
MATCH (n {tenant: $tenant}) WHERE NOT n:Position
WITH n LIMIT $limit
DETACH DELETE n
"""

DROP_POSITION: LiteralString = "MATCH (p:Position {tenant: $tenant, id: 'journal'}) DELETE p"

COUNT_TENANT: LiteralString = "MATCH (n {tenant: $tenant}) WHERE NOT n:Position RETURN count(n) AS nodes"
