import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { Evidence } from '../documents/Evidence';
import { minuteOf } from '../figures/instant';
import { useOrganisationName, useSiteName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';
import { OverrideActs } from './OverrideActs';
import { RequestOverride } from './RequestOverride';

type Override = Schemas['TradeOverride'];

const states: Override['state'][] = ['requested', 'approved', 'refused', 'withdrawn', 'revoked', 'lapsed'];

/** What each state means to whoever reads it, in the words that states have their colours by. */
const senses: Partial<Record<Override['state'], string>> = { requested: 'waiting', revoked: 'cancelled' };

function Standing({ override }: { override: Override }) {
  const { t } = useTranslation();
  return <State state={senses[override.state] ?? override.state} word={t(`override.states.${override.state}`)} />;
}

/** What trades have taken of an override, and what is left. */
function useUse(id: string, isApproved: boolean) {
  return useQuery({
    queryKey: ['trade-overrides', id, 'use'],
    queryFn: () => call(api.GET('/api/v1/trade-overrides/{id}/use', { params: { path: { id } } })),
    enabled: isApproved,
  });
}

/** All that is known of one override. */
function OneOverride({ override }: { override: Override }) {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  const { id, unit } = override;
  const wasApproved = override.delivered_class !== null;
  const used = useUse(id, wasApproved).data;
  const instant = (value: string | null | undefined) => <span className="figures">{minuteOf(value ?? '')}</span>;
  const amount = (value: string) => <Amount value={value} unit={unit} />;
  const party = (organisation: string, site: string) => (
    <>
      {organisationName(organisation)}
      <br />
      <small className="muted">{siteName(site)}</small>
    </>
  );
  return (
    <Panel title={t('override.one')} actions={<OverrideActs override={override} />}>
      <Facts
        wide
        facts={[
          [t('field.state'), <Standing override={override} />],
          [t('override.seller'), party(override.seller, override.seller_site)],
          [t('override.buyer'), party(override.buyer, override.buyer_site)],
          [t('override.boundary'), t(`override.boundaries.${override.rule}`, { defaultValue: override.rule })],
          [t('right.name'), <RightClass code={override.right_class} />],
          wasApproved && [t('override.delivered'), <RightClass code={override.delivered_class ?? ''} />],
          [t('override.most'), amount(override.quantity)],
          used !== undefined && [t('override.committed'), amount(used.committed)],
          used !== undefined && [t('override.consumed'), amount(used.consumed)],
          used !== undefined && [t('override.left'), amount(used.left)],
          [t('override.until'), <span className="figures">{override.valid_until}</span>],
          [t('override.requestedFor'), organisationName(override.requested_for)],
          [t('override.requestedAt'), instant(override.requested_at)],
          [t('field.reason'), override.reason],
          [t('reduction.documents'), <Evidence subject={id} />],
          override.decided_at !== null && [t('override.decidedAt'), instant(override.decided_at)],
          override.decision_reason !== null && [t('override.decisionReason'), override.decision_reason],
          override.ended_at !== null && [t('override.endedAt'), instant(override.ended_at)],
          override.end_reason !== null && [t('override.endReason'), override.end_reason],
        ]}
      />
    </Panel>
  );
}

/** The one override that a task, a trade or the list leads to. */
function Named({ id }: { id: string }) {
  const found = useQuery({
    queryKey: ['trade-overrides', id],
    queryFn: () => call(api.GET('/api/v1/trade-overrides/{id}', { params: { path: { id } } })),
  });
  if (found.data === undefined) return <Refusal error={found.error} retry={() => void found.refetch()} />;
  return <OneOverride override={found.data} />;
}

function useColumns(): Column<Override>[] {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const organisationName = useOrganisationName();
  return [
    {
      key: 'parties',
      title: t('disclosure.parties'),
      cell: (one) => (
        <>
          <Link to={`/trades/overrides/${one.id}`}>
            {organisationName(one.seller)} → {organisationName(one.buyer)}
          </Link>
          <br />
          <small className="muted">
            {siteName(one.seller_site)} → {siteName(one.buyer_site)}
          </small>
        </>
      ),
    },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    {
      key: 'quantity',
      title: t('override.most'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'until',
      title: t('override.until'),
      cell: (one) => <span className="figures">{one.valid_until}</span>,
    },
    {
      key: 'requested',
      title: t('override.requestedAt'),
      cell: (one) => <span className="figures">{minuteOf(one.requested_at)}</span>,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <Standing override={one} /> },
    { key: 'acts', title: t('act.name'), cell: (one) => <OverrideActs override={one} /> },
  ];
}

/** Overrides by the province of the boundary that the rights of a trade may not pass otherwise. */
export default function OverridesPage() {
  const { t } = useTranslation();
  const { id } = useParams();
  const mayRequest = hasRole(useSession(), 'bureau_officer', 'bureau_head');
  const [state, setState] = useState<string>();
  const columns = useColumns();
  const list = useList(['trade-overrides', 'list', state], (cursor) =>
    call(
      api.GET('/api/v1/trade-overrides', {
        params: { query: { limit: 25, order: 'newest', ...(state !== undefined && { state }), ...at(cursor) } },
      }),
    ),
  );
  return (
    <>
      <PageHead
        title={t('override.title')}
        lead={t('override.lead')}
        actions={
          <>
            {mayRequest && <RequestOverride />}
            <Link to="/trades">
              <Button tabIndex={-1}>{t('trade.all')}</Button>
            </Link>
          </>
        }
      />
      <div className="stack">
        {id !== undefined && <Named id={id} />}
        <ListPanel
          title={t('override.all')}
          list={list}
          columns={columns}
          actions={
            <StateChoice states={states} word={(one) => t(`override.states.${one}`)} value={state} choose={setState} />
          }
          none={t('override.none')}
          noneLead={t('override.noneLead')}
        />
      </div>
    </>
  );
}
