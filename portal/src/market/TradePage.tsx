import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { subtract } from '../figures/decimal';
import { addressOf } from '../decisions/subjects';
import { minuteOf } from '../figures/instant';
import { withWords } from '../i18n/areas';
import { useAreaName, useOrganisationName, useSiteName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Loading } from '../ui/Loading';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import { State } from '../ui/State';
import { Steps } from '../ui/Steps';
import { useRightWords } from '../ui/useRightWords';

const VariedPermits = lazy(withWords('permits', () => import('../permits/VariedPermits')));
// Only what was laid open can be objected to.
const ObjectionsTo = lazy(withWords('objections', () => import('../objections/ObjectionsTo')));

type Trade = Schemas['Trade'];

// Few rulebooks let a trade wait for the exchange.
const ConfirmSettlement = lazy(withWords('settlement', () => import('./ConfirmSettlement')));

// Few trades are over what is pledged.
const SaleOfTrade = lazy(withWords('sales', () => import('../sales/SaleOfTrade')));

/** Whether it is over what a lien holds: it has taken nothing so far, and its buyer settles it by the sale that it has come of. */
const isOfSale = (trade: Trade): boolean => trade.source.kind === 'consented_sale';

/** The way of a trade that nothing stops; one that is laid open takes a step more. */
const way = (trade: Trade): string[] => [
  'matched',
  'approved',
  ...(trade.publicised_until || trade.state === 'publicised' ? ['publicised'] : []),
  'paid',
  'settled',
  'closed',
];

const over = ['refused', 'cancelled', 'expired'];

/** What whoever looks at it may do now. */
function TradeActs({ trade }: { trade: Trade }) {
  const { t } = useTranslation();
  const session = useSession();
  const path = { params: { path: { id: trade.id } } };
  const own = session?.me.organisation;
  const isTrader = hasRole(session, 'enterprise_trader', 'reserve_trader');
  const mayPay =
    isTrader && !isOfSale(trade) && trade.buyer === own && ['approved', 'publicised'].includes(trade.state);
  const mayCancel =
    isTrader &&
    ((trade.buyer === own && trade.state === 'matched') ||
      (trade.seller === own && ['matched', 'approved', 'publicised', 'paid'].includes(trade.state)));
  const mayDecide =
    hasRole(session, 'bureau_officer', 'bureau_head') && ['matched', 'publicised'].includes(trade.state);
  const decided = (reason: string | undefined) => ({ documents: [], ...(reason !== undefined && { reason }) });
  return (
    <>
      {mayPay && (
        <Act
          label={t('trade.pay')}
          kind="primary"
          run={(_, key) => call(api.POST('/api/v1/trades/{id}/pay', { ...path, ...keyed(key), body: {} }))}
        >
          {t('trade.payLead')}{' '}
          <b>
            <Amount value={subtract(trade.total, trade.paid)} unit="CNY" />
          </b>
        </Act>
      )}
      {mayDecide && trade.state === 'matched' && (
        <Act
          label={t('tasks.approve')}
          kind="primary"
          reason="asked"
          run={(reason, key) =>
            call(api.POST('/api/v1/trades/{id}/approve', { ...path, ...keyed(key), body: decided(reason) }))
          }
        >
          {t('trade.approveLead')}
        </Act>
      )}
      {mayDecide && (
        <Act
          label={t('tasks.refuse')}
          isDanger
          reason="needed"
          run={(reason, key) =>
            call(api.POST('/api/v1/trades/{id}/refuse', { ...path, ...keyed(key), body: decided(reason) }))
          }
        >
          {t('trade.refuseLead')}
        </Act>
      )}
      {trade.state === 'paid' && hasRole(session, 'exchange_officer') && (
        <Suspense>
          <ConfirmSettlement trade={trade} />
        </Suspense>
      )}
      {mayCancel && (
        <Act
          label={t('trade.cancel')}
          isDanger
          reason="asked"
          run={(reason, key) =>
            call(
              api.POST('/api/v1/trades/{id}/cancel', {
                ...path,
                ...keyed(key),
                body: reason === undefined ? {} : { reason },
              }),
            )
          }
        >
          {t(isOfSale(trade) ? 'trade.cancelPledgedLead' : 'trade.cancelLead')}
        </Act>
      )}
    </>
  );
}

function TradeFacts({ trade }: { trade: Trade }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const siteName = useSiteName();
  const areaName = useAreaName();
  const instant = (value: string | null | undefined) => (value ? minuteOf(value) : '—');
  return (
    <div className="stack">
      <Panel title={t('trade.terms')}>
        <Facts
          facts={[
            [t('right.name'), <RightClass code={trade.right_class} />],
            [t('field.quantity'), <Amount value={trade.quantity} unit={trade.unit} />],
            [t('field.unitPrice'), <Amount value={trade.unit_price} unit={`CNY/${trade.unit}`} />],
            [t('trade.priceBasis'), t(`priceBasis.${trade.price_basis}`)],
            [t('trade.mode'), t(`mode.${trade.mode}`, { defaultValue: trade.mode })],
            [t('trade.seller'), `${organisationName(trade.seller)} · ${siteName(trade.seller_site)}`],
            [t('trade.buyer'), `${organisationName(trade.buyer)} · ${siteName(trade.buyer_site)}`],
            [t('preview.deciders'), trade.deciding_areas.map(areaName).join(t('shell.comma'))],
            [t('preview.excess'), <Amount value={trade.excess} unit={trade.unit} />],
            trade.lifted != null && [
              t('subjectKind.trade_override'),
              <Link to={addressOf('trade_override', trade.lifted.by) ?? ''} className="underlined code">
                {trade.lifted.rule}
              </Link>,
            ],
          ]}
        />
      </Panel>
      <Panel title={t('trade.money')}>
        <Facts
          facts={[
            [t('field.total'), <Amount value={trade.total} unit="CNY" />],
            [t('preview.deposit'), <Amount value={trade.deposit} unit="CNY" />],
            [t('trade.paid'), <Amount value={trade.paid} unit="CNY" />],
            [t('preview.fee'), <Amount value={trade.fee} unit="CNY" />],
            [t('trade.payBy'), trade.pay_by ?? t('market.noEnd')],
            [t('trade.reference'), <span className="code">{trade.payment_reference}</span>],
          ]}
        />
      </Panel>
      <Panel title={t('trade.history')}>
        <Facts
          facts={[
            [t('trade.matchedAt'), instant(trade.matched_at)],
            [t('trade.approvedAt'), instant(trade.approved_at)],
            [t('trade.settledAt'), instant(trade.settled_at)],
            [t('trade.closedAt'), instant(trade.closed_at)],
          ]}
        />
      </Panel>
    </div>
  );
}

/** A trade with its steps. */
export default function TradePage() {
  const { t } = useTranslation();
  const { id = '' } = useParams();
  const rightWords = useRightWords();
  const query = useQuery({
    queryKey: ['trade', id],
    queryFn: () => call(api.GET('/api/v1/trades/{id}', { params: { path: { id } } })),
    refetchInterval: 15_000,
  });
  if (query.isLoadingError) return <Refusal error={query.error} retry={() => void query.refetch()} />;
  if (query.data === undefined) return <Loading />;
  const trade = query.data;
  return (
    <>
      <PageHead
        title={rightWords(trade.right_class)}
        lead={t('trade.one', { reference: trade.payment_reference })}
        actions={<TradeActs trade={trade} />}
      />
      <div className="stack">
        <Panel title={t('trade.steps')} actions={<State state={trade.state} />}>
          {over.includes(trade.state) ? (
            <div className="notice">
              <h3>{t(`state.${trade.state}`)}</h3>
              <p>{trade.reason ?? t(isOfSale(trade) ? 'trade.stillPledged' : 'trade.undone')}</p>
            </div>
          ) : (
            <Steps steps={way(trade)} now={trade.state} />
          )}
        </Panel>
        {isOfSale(trade) && (
          <Suspense fallback={<Loading />}>
            <SaleOfTrade trade={trade} />
          </Suspense>
        )}
        {['settled', 'closed'].includes(trade.state) && (
          <Suspense>
            <VariedPermits trade={trade} />
          </Suspense>
        )}
        {trade.publicised_until && (
          <Suspense>
            <ObjectionsTo subject={trade.id} subject_kind="trade" until={trade.publicised_until} />
          </Suspense>
        )}
        <TradeFacts trade={trade} />
      </div>
    </>
  );
}
