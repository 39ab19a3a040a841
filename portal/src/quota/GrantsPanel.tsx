import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useSiteName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import { RightClass } from '../ui/RightClass';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { GrantActs } from './GrantActs';
import { Term } from './Term';
import { useGrantState } from './useGrantState';

// Officers of bureaux alone propose.
const ProposeGrant = lazy(() => import('./ProposeGrant'));

type Allocation = Schemas['Allocation'];

const states = ['proposed', 'publicised', 'confirmed', 'active', 'rejected', 'withdrawn'] as const;

function useColumns(): Column<Allocation>[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const stateName = useGrantState();
  return [
    {
      key: 'document',
      title: t('grant.document'),
      cell: (one) => (
        <>
          <Link to={`/allocations/${one.id}`} className="underlined">
            {one.document}
          </Link>
          <br />
          <small className="muted figures">{minuteOf(one.proposed_at)}</small>
        </>
      ),
    },
    { key: 'site', title: t('field.site'), cell: (one) => siteName(one.site) },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'until',
      title: t('disclosure.until'),
      cell: (one) => <Term until={one.publicised_until} isRunning={one.state === 'publicised'} />,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={one.state} word={stateName(one.state)} />
          {one.batch !== null && (
            <>
              <br />
              <small className="muted">{t('grant.ofBatch')}</small>
            </>
          )}
          <GrantActs grant={one} />
        </>
      ),
    },
  ];
}

/** Grants one by one, those of a batch among them or alone. */
export default function GrantsPanel({ batch }: { batch?: string | undefined }) {
  const { t } = useTranslation();
  const session = useSession();
  const [state, setState] = useState<string>();
  const stateName = useGrantState();
  const isBureau = hasRole(session, 'bureau_officer', 'bureau_head');
  const columns = useColumns();
  const query = { ...(state !== undefined && { state }), ...(batch !== undefined && { batch }) };
  const list = useList(['allocations', 'all', query], (cursor) =>
    call(
      api.GET('/api/v1/allocations', { params: { query: { limit: 25, order: 'newest', ...query, ...at(cursor) } } }),
    ),
  );
  return (
    <ListPanel
      title={t(batch === undefined ? (isBureau ? 'grant.all' : 'grant.own') : 'grant.allOfBatch')}
      list={list}
      columns={columns}
      actions={
        <>
          <StateChoice states={states} word={stateName} value={state} choose={setState} />
          {hasRole(session, 'bureau_officer') && (
            <Suspense>
              <ProposeGrant />
            </Suspense>
          )}
        </>
      }
      none={t('grant.none')}
      noneLead={t('grant.noneLead')}
    />
  );
}
