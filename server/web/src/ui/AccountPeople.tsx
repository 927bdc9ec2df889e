import { useTranslation } from "react-i18next";
import type { AccountPerson, ProposedRole } from "../bodies";
import { Quote } from "./NeedStory";
import { useFormat } from "./useFormat";

/** Words that are quoted for a role. */
const QUOTED = 3;

/** Who spoke, and what their words propose they are in the decision. */
export function AccountPeople({ people }: { people: readonly AccountPerson[] }) {
  const { t } = useTranslation("account");
  if (people.length === 0) return null;
  const ordered = [...people].sort((a, b) => Number(a.role === "rep") - Number(b.role === "rep") || b.needs - a.needs);
  return (
    <section className="block" aria-labelledby="people-title" data-testid="people">
      <h3 id="people-title">{t("people")} <span className="quiet">{people.length}</span></h3>
      <ul className="people">{ordered.map((one) => <li key={`${one.role} ${one.speaker}`}><Person person={one} /></li>)}</ul>
    </section>
  );
}

function Person({ person }: { person: AccountPerson }) {
  const { t } = useTranslation(["account", "terms"]);
  const format = useFormat();
  const [first, last] = [format.date(person.first_at), format.date(person.last_at)];
  const calls = t("terms:callCount", { count: person.calls });
  return (
    <article className="person-card" data-testid="person">
      <h4>{person.speaker} <span className="quiet">{t(`account:side.${person.role}`)}</span></h4>
      <p className="quiet">
        {first === last ? `${calls}, ${first}` : t("account:personCalls", { calls, first, last })}
        {person.role === "customer" && ` · ${t("terms:needCount", { count: person.needs })}`}
      </p>
      {person.roles.map((one) => <Role key={one.role} role={one} />)}
      {person.roles.length === 0 && person.role === "customer" && <p className="quiet">{t("account:noRole")}</p>}
    </article>
  );
}

function Role({ role }: { role: ProposedRole }) {
  const { t } = useTranslation("account");
  return (
    <div className="proposed">
      <p><b>{t(`role.${role.role}`)}</b> <span className="badge proposed-badge" title={t("proposedTitle")}>{t("proposed")}</span></p>
      {role.evidence.slice(0, QUOTED).map((one) => (
        <RoleQuote key={`${one.call_id} ${one.utterance_id} ${one.start}`} evidence={one} />
      ))}
    </div>
  );
}

function RoleQuote({ evidence }: { evidence: ProposedRole["evidence"][number] }) {
  const format = useFormat();
  return <Quote {...evidence} speaker={format.date(evidence.started_at)} startedAt={null} />;
}
