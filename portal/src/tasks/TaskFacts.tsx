import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { useProjects } from '../market/projects';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { type Thing, useSubject } from './subject';
import { textOf, useNames } from './told';

type Print = (value: string, thing: Thing) => ReactNode;

/** What each field is called that whoever decides has to see, in the order in which it is told. */
const labels: Record<string, string> = {
  title: 'auction.session',
  name: 'client.name',
  number: 'tasks.facts.number',
  seller: 'trade.seller',
  seller_site: 'trade.seller',
  buyer: 'trade.buyer',
  buyer_site: 'trade.buyer',
  pledgor: 'pledge.pledgor',
  pledgee: 'pledge.pledgee',
  organisation: 'account.organisation',
  party: 'tasks.facts.party',
  counterparty: 'trade.buyer',
  credit_code: 'organisation.code',
  organisation_kind: 'field.kind',
  sector: 'organisation.sector',
  payer_name: 'tasks.facts.payer',
  site: 'field.site',
  project: 'market.project',
  subject_kind: 'tasks.facts.about',
  right_class: 'right.name',
  right_classes: 'consent.classes',
  pollutant: 'field.pollutant',
  area: 'field.area',
  medium: 'tasks.facts.medium',
  year: 'tasks.facts.year',
  quantity: 'field.quantity',
  unit_price: 'field.unitPrice',
  price_basis: 'trade.priceBasis',
  total: 'field.total',
  amount: 'tasks.facts.amount',
  cap: 'tasks.facts.cap',
  principal: 'pledge.principal',
  secured: 'pledge.secured',
  assessed_value: 'pledge.assessed',
  debt_from: 'pledge.debtFrom',
  debt_to: 'pledge.debtTo',
  confirmed: 'tasks.facts.confirmed',
  new_right_class: 'tasks.facts.newRight',
  due_on: 'tasks.facts.from',
  cause: 'rightAct.cause',
  acts: 'tasks.facts.acts',
  rules: 'rulebook.rules',
  valid_from: 'tasks.facts.from',
  effective_from: 'tasks.facts.from',
  effective_on: 'tasks.facts.from',
  valid_until: 'tasks.facts.until',
  document: 'field.document',
  bank_reference: 'tasks.facts.bankReference',
  text: 'tasks.facts.text',
  reason: 'field.reason',
};
/** Fields that another one says better, where that is there. */
const instead: Record<string, string> = { seller: 'seller_site', buyer: 'buyer_site', organisation: 'site' };

const isId = (value: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);

/** How each field is printed; as it is where nothing is said. */
function usePrints(thing: Thing): Record<string, Print> {
  const { t } = useTranslation();
  const names = useNames();
  const projects = useProjects(textOf(thing, 'buyer_site'));
  const money: Print = (value) => <Amount value={value} unit="CNY" />;
  const quantity: Print = (value, { unit }) => (
    <Amount value={value} unit={typeof unit === 'string' ? unit : undefined} />
  );
  const site: Print = (value) => names.site(value);
  return {
    ...Object.fromEntries(
      ['seller', 'buyer', 'party', 'counterparty', 'pledgor', 'pledgee', 'organisation'].map((one) => [
        one,
        names.organisation,
      ]),
    ),
    ...Object.fromEntries(['site', 'seller_site', 'buyer_site'].map((one) => [one, site])),
    ...Object.fromEntries(['total', 'amount', 'principal', 'secured', 'assessed_value'].map((one) => [one, money])),
    quantity,
    confirmed: quantity,
    cap: quantity,
    unit_price: (value, { unit }) => <Amount value={value} unit={`CNY/${typeof unit === 'string' ? unit : 't'}`} />,
    project: (value) =>
      projects.isFetching
        ? '…'
        : projects.data?.filter((one) => one.id === value).map((one) => `${one.number} · ${one.document}`)[0],
    area: names.area,
    right_class: names.right,
    new_right_class: names.right,
    subject_kind: (value) => t(`subjectKind.${value}`, { defaultValue: value }),
    right_classes: names.right,
    pollutant: names.pollutant,
    price_basis: (value) => t(`priceBasis.${value}`, { defaultValue: value }),
    medium: (value) => t(`tasks.facts.media.${value}`, { defaultValue: value }),
    cause: (value) => t(`rightAct.causes.${value}`, { defaultValue: value }),
    organisation_kind: (value) => t(`organisation.kinds.${value}`, { defaultValue: value }),
    acts: (value) => t(`actOf.${value}`, { defaultValue: value }),
  };
}

/** A part as text, however it is made. */
const plain = (part: unknown): string => (typeof part === 'string' ? part : JSON.stringify(part));

/** A value that has parts of its own, line by line: rules by their names. */
function Parts({ value }: { value: object }) {
  const { t } = useTranslation();
  return (
    <ul className="bare">
      {Object.entries(value).map(([place, part]: [string, unknown]) => {
        const { name, value: said } = (part ?? {}) as { name?: unknown; value?: unknown };
        return (
          <li key={place}>
            {typeof name === 'string' ? (
              <>
                {t(`rule.${name}`, { defaultValue: name })}{' '}
                <span className="figures">{said === null || said === undefined ? '—' : plain(said)}</span>
              </>
            ) : (
              <span className="code">{plain(part)}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/**
 * What is to be decided, as labelled facts: whoever decides sees all that was proposed, with names for ids. What has no name of its own
 * is called as the contract calls it.
 */
export function TaskFacts({ task }: { task: Schemas['Task'] }) {
  const { t } = useTranslation();
  const thing = useSubject(task);
  const prints = usePrints(thing);
  const print = (field: string, value: unknown): ReactNode => {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
      return value.map((one) => <div key={one}>{print(field, one)}</div>);
    if (typeof value === 'object' && value !== null) return <Parts value={value} />;
    if (typeof value !== 'string') return undefined;
    const said = prints[field]?.(value, thing);
    return said ?? (isId(value) ? <span className="code">{value}</span> : value);
  };
  const known = Object.keys(labels).filter((field) => !(instead[field] !== undefined && textOf(thing, instead[field])));
  const proposed = Object.entries(task.proposed?.body ?? {})
    // What only names the thing itself says nothing more of it.
    .filter(([field, value]) => !(field in labels) && value !== task.subject && field !== 'documents')
    .map(([field]) => field);
  const facts = new Map<string, ReactNode>();
  for (const field of [...known, ...proposed]) {
    const value = thing[field];
    const isThere = value !== undefined && value !== null && value !== '';
    const label = labels[field] === undefined ? field : t(labels[field]);
    if (isThere && !facts.has(label)) facts.set(label, print(field, value));
  }
  return facts.size === 0 ? null : <Facts wide facts={[...facts]} />;
}
