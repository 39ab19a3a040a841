import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { compare, subtract } from '../figures/decimal';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName } from '../parties/names';
import { usePollutantName } from '../parties/pollutants';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';

type Mismatch = Schemas['PermitMismatch'];

const states = ['open', 'ended'] as const;

/** By how much both differ. */
const difference = ({ permitted, owned }: Mismatch): string =>
  compare(permitted, owned) > 0 ? subtract(permitted, owned) : subtract(owned, permitted);

function useColumns(): Column<Mismatch>[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  const pollutantName = usePollutantName();
  const amount = (name: 'permitted' | 'owned') => ({
    key: name,
    title: t(`permit.${name}`),
    isFigure: true,
    cell: (one: Mismatch) => <Amount value={one[name]} unit={one.unit} />,
  });
  return [
    {
      key: 'site',
      title: t('field.site'),
      cell: (one) => (
        <>
          <b>{siteName(one.site)}</b>
          <br />
          <small className="muted">{organisationName(one.organisation)}</small>
        </>
      ),
    },
    { key: 'pollutant', title: t('field.pollutant'), cell: (one) => pollutantName(one.pollutant) },
    amount('permitted'),
    amount('owned'),
    {
      key: 'difference',
      title: t('permit.difference'),
      cell: (one) => (
        <>
          <Amount value={difference(one)} unit={one.unit} />
          <br />
          <small className="muted">{t(`permit.kinds.${one.kind}`)}</small>
        </>
      ),
    },
    {
      key: 'found',
      title: t('permit.foundAt'),
      isFigure: true,
      cell: (one) => <span className="figures">{minuteOf(one.found_at)}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <State state={one.state === 'open' ? 'mismatch' : 'closed'} word={t(`permit.mismatchStates.${one.state}`)} />
      ),
    },
  ];
}

/** Permits that allow another quantity than the site owns rights for (证量不符). */
export function Mismatches() {
  const { t } = useTranslation();
  const [state, setState] = useState<string | undefined>('open');
  const columns = useColumns();
  const list = useList(['permit-mismatches', state], (cursor) =>
    call(
      api.GET('/api/v1/permit-mismatches', {
        params: { query: { limit: 25, order: 'newest', ...(state !== undefined && { state }), ...at(cursor) } },
      }),
    ),
  );
  return (
    <ListPanel
      title={t('permit.mismatches')}
      list={list}
      columns={columns}
      actions={
        <StateChoice
          states={states}
          word={(one) => t(`permit.mismatchStates.${one}`)}
          value={state}
          choose={setState}
        />
      }
      none={t('permit.noMismatches')}
      noneLead={t('permit.noMismatchesLead')}
    />
  );
}
