import type { TFunction } from 'i18next';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';

type View = Schemas['SessionView'];

/** `Mozilla/5.0 (…) Chrome/141.0 Safari/537` is a Chrome, and curl is curl. */
const browsers = [
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;

const nameOf = (agent: string): string => browsers.find(([mark]) => agent.includes(mark))?.[1] ?? agent;

/** How many sessions that have ended are shown. */
const ENDED_SHOWN = 10;

/** The sessions that stand, and the last of those that have ended; the newest first. */
export function standingFirst(found: readonly View[]): View[] {
  const newest = [...found].reverse();
  const ended = newest.filter((one) => one.state !== 'live');
  return [...newest.filter((one) => one.state === 'live'), ...ended.slice(0, ENDED_SHOWN)];
}

/** What is told of each session. */
export const sessionColumns = (t: TFunction): Column<View>[] => [
  {
    key: 'agent',
    title: t('account.device'),
    cell: (one) => (
      <span title={one.agent}>
        <b>{nameOf(one.agent)}</b> <small className="muted figures">{one.address}</small>
      </span>
    ),
  },
  {
    key: 'began',
    title: t('account.began'),
    isFigure: true,
    cell: (one) => <span className="figures">{minuteOf(one.began_at)}</span>,
  },
  {
    key: 'seen',
    title: t('account.lastSeen'),
    isFigure: true,
    cell: (one) => <span className="figures">{minuteOf(one.last_seen_at)}</span>,
  },
  {
    key: 'factor',
    title: t('account.factorAt'),
    isFigure: true,
    cell: (one) => <span className="figures">{one.second_factor_at ? minuteOf(one.second_factor_at) : '—'}</span>,
  },
  {
    key: 'state',
    title: t('field.state'),
    cell: (one) => <State state={one.state} word={t(`account.states.${one.state}`, { defaultValue: one.state })} />,
  },
];
