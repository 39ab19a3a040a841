import { useQuery } from '@tanstack/react-query';
import { Checkbox } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { dayOf } from '../figures/instant';
import { useAreaName, useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import { RightClass } from '../ui/RightClass';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';

type Publication = Schemas['Publication'];

const states = ['due', 'published', 'withdrawn'] as const;

/** The trade whose result it is: what everybody reads once it is published. */
function Result({ trade }: { trade: string }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const { data } = useQuery({
    queryKey: ['trade', trade],
    queryFn: () => call(api.GET('/api/v1/trades/{id}', { params: { path: { id: trade } } })),
  });
  if (data === undefined) return <Link to={`/trades/${trade}`}>{t('auction.trade')}</Link>;
  return (
    <>
      <Link to={`/trades/${trade}`}>
        <RightClass code={data.right_class} />
      </Link>
      <br />
      <small className="muted">
        {organisationName(data.seller)} → {organisationName(data.buyer)} ·{' '}
        <Amount value={data.quantity} unit={data.unit} />
      </small>
    </>
  );
}

/** Showing a result to everybody, and taking back what was shown by mistake. */
function PublicationActs({ publication }: { publication: Publication }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: publication.id } } };
  if (!hasRole(useSession(), 'exchange_officer')) return null;
  if (publication.state === 'due')
    return (
      <Act
        label={t('publication.publish')}
        kind="primary"
        size="small"
        run={(_, key) => call(api.POST('/api/v1/publications/{id}/publish', { ...path, ...keyed(key), body: {} }))}
      >
        <div className="stack">
          <p>{t('publication.publishLead')}</p>
          <p>
            <Result trade={publication.trade} />
          </p>
        </div>
      </Act>
    );
  if (publication.state === 'withdrawn') return null;
  return (
    <Act
      label={t('publication.withdraw')}
      isDanger
      size="small"
      reason="needed"
      run={(reason, key) =>
        call(api.POST('/api/v1/publications/{id}/withdraw', { ...path, ...keyed(key), body: { reason: reason ?? '' } }))
      }
    >
      {t('publication.withdrawLead')}
    </Act>
  );
}

/** The last working day for a publication, and whether it has passed. */
function LastDay({ publication }: { publication: Publication }) {
  const { t } = useTranslation();
  return (
    <span className="figures">
      {publication.due_on ?? '—'}
      {publication.overdue && (
        <>
          <br />
          <small className="beyond">{t('decision.late')}</small>
        </>
      )}
    </span>
  );
}

/** Results of settled trades: what waits to be published and until when, what is published, and what was taken back. */
export default function PublicationsPage() {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const [state, setState] = useState<string | undefined>('due');
  const [isLate, setLate] = useState(false);
  const chosen = { ...(state !== undefined && { state }), ...(isLate && { overdue: true }) };
  const list = useList(['publications', chosen], (cursor) =>
    call(
      api.GET('/api/v1/publications', {
        // What waits longest comes first of what waits, and what is newest of the rest.
        params: { query: { limit: 20, order: state === 'due' ? 'oldest' : 'newest', ...chosen, ...at(cursor) } },
      }),
    ),
  );
  const word = (one: string) => t(`publication.states.${one}`);
  const columns: Column<Publication>[] = [
    { key: 'result', title: t('disclosure.results'), cell: (one) => <Result trade={one.trade} /> },
    { key: 'area', title: t('field.area'), cell: (one) => areaName(one.area) },
    {
      key: 'settled',
      title: t('publication.settledOn'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.settled_on}</span>,
    },
    {
      key: 'due',
      title: t('publication.lastDay'),
      isFigure: true,
      cell: (one) => <LastDay publication={one} />,
    },
    {
      key: 'published',
      title: t('disclosure.publishedOn'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.published_at ? dayOf(one.published_at) : '—'}</span>,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={one.state === 'due' ? 'pending' : one.state} word={word(one.state)} />
          {one.reason !== null && (
            <>
              <br />
              <small className="muted">{one.reason}</small>
            </>
          )}
        </>
      ),
    },
    { key: 'acts', title: t('act.name'), cell: (one) => <PublicationActs publication={one} /> },
  ];
  return (
    <>
      <PageHead title={t('place.publications')} lead={t('publication.lead')} />
      <ListPanel
        title={t('disclosure.results')}
        list={list}
        columns={columns}
        actions={
          <>
            <StateChoice states={states} word={word} value={state} choose={setState} />
            <Checkbox checked={isLate} onChange={(event) => setLate(event.target.checked)}>
              {t('publication.late')}
            </Checkbox>
          </>
        }
        none={t('publication.none')}
        noneLead={t('publication.noneLead')}
      />
    </>
  );
}
