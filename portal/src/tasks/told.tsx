import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useAreaName, useOrganisationName, useSites } from '../parties/names';
import { Amount } from '../ui/Amount';
import { useRightWords } from '../ui/useRightWords';
import type { Thing } from './subject';

/** The field of a thing, where it is text. */
export const textOf = (thing: Thing, field: string): string | undefined => {
  const value = thing[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** Names for what a thing only has ids and codes of. */
export function useNames() {
  const { t } = useTranslation();
  const organisation = useOrganisationName();
  const sites = useSites().data;
  const area = useAreaName();
  const right = useRightWords();
  const siteOf = (id: string | undefined) => sites?.find((one) => one.id === id);
  return {
    organisation,
    area,
    right,
    /** A site with whose it is. */
    site: (id: string) => {
      const found = siteOf(id);
      return found && `${organisation(found.organisation)} · ${found.name}`;
    },
    /** A party, by itself or by its site. */
    party: (thing: Thing, name: string, site: string) => {
      const id = textOf(thing, name) ?? siteOf(textOf(thing, site))?.organisation;
      return id && organisation(id);
    },
    pollutant: (code: string) => t(`pollutant.${code}`, { defaultValue: code }),
  };
}

type Names = ReturnType<typeof useNames>;

/** Who something is between: a seller and a buyer, a pledgor and a pledgee, or one alone. */
function between(thing: Thing, names: Names): string | undefined {
  const from = names.party(thing, 'seller', 'seller_site') ?? names.party(thing, 'pledgor', '');
  const to = names.party(thing, 'buyer', 'buyer_site') ?? names.party(thing, 'pledgee', '');
  const both = [from, to].filter(Boolean).join(' → ');
  return both === '' ? (names.party(thing, 'organisation', 'site') ?? textOf(thing, 'payer_name')) : both;
}

/** Which right it is about: by its class, those of its liens, or its pollutant. */
function rightOf(thing: Thing, names: Names): string | undefined {
  const { right_classes: several, liens } = thing;
  const held = (Array.isArray(liens) ? (liens as Thing[]) : []).map((one) => textOf(one, 'right_class'));
  const codes = [textOf(thing, 'right_class'), ...(Array.isArray(several) ? (several as string[]) : []), ...held];
  const [first, ...more] = new Set(codes.filter((code) => code !== undefined));
  if (first !== undefined) return `${names.right(first)}${more.length > 0 ? ` +${more.length}` : ''}`;
  const pollutant = textOf(thing, 'pollutant');
  return pollutant && names.pollutant(pollutant);
}

/** In one line what a task is about: who, which right, how much, and for how much money. */
export function Line({ thing }: { thing: Thing }) {
  const names = useNames();
  const [unit, area, sum] = [
    textOf(thing, 'unit'),
    textOf(thing, 'area'),
    ['total', 'secured', 'amount'].map((field) => textOf(thing, field)).find((one) => one !== undefined),
  ];
  const year = thing['year'];
  const parts: [string, ReactNode][] = [
    ['title', textOf(thing, 'title') ?? textOf(thing, 'name') ?? textOf(thing, 'number')],
    ['between', between(thing, names)],
    ['area', textOf(thing, 'organisation') === undefined && area && names.area(area)],
    ['right', rightOf(thing, names)],
    ['year', typeof year === 'number' && year],
    ['quantity', textOf(thing, 'quantity') && <Amount value={textOf(thing, 'quantity')} unit={unit} />],
    [
      'price',
      textOf(thing, 'unit_price') && <Amount value={textOf(thing, 'unit_price')} unit={`CNY/${unit ?? 't'}`} />,
    ],
    ['sum', sum && <Amount value={sum} unit="CNY" />],
  ];
  const there = parts.filter(([, part]) => part !== undefined && part !== false && part !== '');
  if (there.length === 0) return null;
  return (
    <small className="muted">
      {there.map(([name, part], place) => (
        <span key={name}>
          {place > 0 && ' · '}
          {part}
        </span>
      ))}
    </small>
  );
}
