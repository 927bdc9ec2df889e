// Identity is (tenant, id) everywhere; the constraints make every MERGE of the projection find its node.
CREATE CONSTRAINT call_id IF NOT EXISTS FOR (n:Call) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT account_id IF NOT EXISTS FOR (n:Account) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT person_id IF NOT EXISTS FOR (n:Person) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT utterance_id IF NOT EXISTS FOR (n:Utterance) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT need_id IF NOT EXISTS FOR (n:Need) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT state_id IF NOT EXISTS FOR (n:NeedState) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT status_change_id IF NOT EXISTS FOR (n:StatusChange) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT item_id IF NOT EXISTS FOR (n:Item) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT thing_id IF NOT EXISTS FOR (n:Thing) REQUIRE (n.tenant, n.id) IS UNIQUE;
CREATE CONSTRAINT position_id IF NOT EXISTS FOR (n:Position) REQUIRE (n.tenant, n.id) IS UNIQUE;
