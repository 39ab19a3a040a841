import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import RefusalsByRule, { RuleWords } from '../disclosure/RefusalsByRule';
import { secondOf } from '../figures/instant';
import { useYear } from '../statistics/useYear';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { beginOf, isWithin } from './refusalPeriods';
import { Somebody } from './Somebody';

type Refused = Schemas['RefusalRecord'];

/** Refusals of a page of the API, and how many pages are read for those of one rule before somebody asks for more. */
const [PAGE, MOST_PAGES] = [200, 10];

/**
 * Refusals of one rule or period, of which the API knows no list: pages are read on until some are found. Refusals come newest first, so
 * that what lies before the period is read no further.
 */
async function sought(code: string | undefined, period: string, from: string | undefined) {
  const found: Refused[] = [];
  let cursor = from;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const { items, next_cursor } = await call(
      api.GET('/api/v1/audit/refusals', { params: { query: { limit: PAGE, order: 'newest', ...at(cursor) } } }),
    );
    const inPeriod = items.filter((one) => isWithin(one.recorded_at, period));
    found.push(...inPeriod.filter((one) => code === undefined || one.codes.includes(code)));
    cursor = next_cursor ?? undefined;
    const isPast = (items.at(-1)?.recorded_at ?? '') < beginOf(period);
    if (cursor === undefined || isPast) return { items: found, next_cursor: null };
    if (found.length >= PAGE / 4) break;
  }
  return { items: found, next_cursor: cursor ?? null };
}

function useColumns(): Column<Refused>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'at',
      title: t('refusal.at'),
      cell: (one) => <span className="figures">{secondOf(one.recorded_at)}</span>,
    },
    { key: 'who', title: t('refusal.who'), cell: (one) => <Somebody id={one.actor} /> },
    { key: 'what', title: t('refusal.asked'), cell: (one) => <span className="code">{one.operation}</span> },
    {
      key: 'rules',
      title: t('refusal.rules'),
      cell: (one) => (
        <ul className="bare">
          {one.codes.map((code) => (
            <li key={code}>
              <RuleWords code={code} />
            </li>
          ))}
        </ul>
      ),
    },
    {
      key: 'hash',
      title: t('refusal.hash'),
      cell: (one) => (
        <span className="code" title={one.request_hash}>
          {one.request_hash.slice(0, 12)}…
        </span>
      ),
    },
  ];
}

/** How often each rule has refused, and who asked for what. */
export default function RefusalParts() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const code = parameters.get('code') ?? undefined;
  const choose = (chosen: string | undefined) =>
    setParameters(chosen === undefined ? {} : { code: chosen }, { replace: true });
  const years = useYear();
  const [part, choosePart] = useState<string>();
  const period = part ?? (years.year === undefined ? undefined : String(years.year));
  const columns = useColumns();
  const list = useList(
    ['refusals', code, period],
    (cursor) => sought(code, period ?? '', cursor),
    period !== undefined,
  );
  return (
    <div className="stack">
      <RefusalsByRule years={years} part={part} choosePart={choosePart} code={code} choose={choose} />
      <ListPanel
        title={code === undefined ? t('refusal.all') : t('refusal.allOf', { code })}
        list={list}
        columns={columns}
        actions={code !== undefined && <Button onClick={() => choose(undefined)}>{t('refusal.everyRule')}</Button>}
        none={t('refusal.none')}
        noneLead={t('refusal.noneLead')}
      />
    </div>
  );
}
