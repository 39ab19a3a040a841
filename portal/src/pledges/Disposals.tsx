import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';

type Disposal = Schemas['Disposal'];

/** What whoever looks at a disposal may do about it now. */
function DisposalActs({ disposal }: { disposal: Disposal }) {
  const { t } = useTranslation();
  const session = useSession();
  const own = session?.me.organisation;
  const path = { params: { path: { id: disposal.id } } };
  const needsAgreement = disposal.mode === 'agreement' && disposal.state === 'proposed';
  const isPledgor = disposal.pledgor === own && hasRole(session, 'enterprise_trader');
  const isBuyer = disposal.buyer === own && hasRole(session, 'enterprise_trader', 'reserve_trader');
  const isPledgee = disposal.pledgee === own && hasRole(session, 'pledgee_officer');
  const total = (
    <b>
      <Amount value={disposal.total} unit="CNY" />
    </b>
  );
  if (!['proposed', 'agreed'].includes(disposal.state)) return null;
  return (
    <div className="actions">
      {isPledgor && needsAgreement && (
        <Act
          label={t('disposal.agree')}
          kind="primary"
          size="small"
          run={(_, key) => call(api.POST('/api/v1/disposals/{id}/agree', { ...path, ...keyed(key), body: {} }))}
        >
          {t('disposal.agreeLead')} {total}
        </Act>
      )}
      {isBuyer && !needsAgreement && (
        <Act
          label={t('disposal.settle')}
          kind="primary"
          size="small"
          run={(_, key) => call(api.POST('/api/v1/disposals/{id}/settle', { ...path, ...keyed(key), body: {} }))}
        >
          {t('disposal.settleLead')} {total}
        </Act>
      )}
      {(isBuyer || (isPledgor && needsAgreement)) && (
        <Act
          label={t('disposal.decline')}
          isDanger
          size="small"
          run={(_, key) => call(api.POST('/api/v1/disposals/{id}/decline', { ...path, ...keyed(key), body: {} }))}
        >
          {t('disposal.declineLead')} {disposal.lot && t('disposal.depositAtRisk')}
        </Act>
      )}
      {isPledgee && (
        <Act
          label={t('disposal.withdraw')}
          isDanger
          size="small"
          run={(_, key) => call(api.POST('/api/v1/disposals/{id}/withdraw', { ...path, ...keyed(key), body: {} }))}
        >
          {t('disposal.withdrawLead')} {disposal.lot && t('disposal.depositBack')}
        </Act>
      )}
    </div>
  );
}

/** Where the money of a settled disposal, or a deposit that was lost, went to the fen. */
function Proceeds({ disposal }: { disposal: Disposal }) {
  const { t } = useTranslation();
  if (!['settled', 'forfeited'].includes(disposal.state)) return <Amount value={disposal.owed} unit="CNY" />;
  return (
    <dl className="facts wide">
      {(['paid_costs', 'paid_claim', 'surplus', 'shortfall'] as const).map((name) => (
        <div key={name}>
          <dt>{t(`disposal.${name}`)}</dt>
          <dd>
            <Amount value={disposal[name]} unit="CNY" />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function useColumns(): Column<Disposal>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  return [
    {
      key: 'document',
      title: t('field.document'),
      cell: (one) => (
        <>
          <b>{one.document}</b>
          <br />
          <small className="muted figures">
            {t(`disposal.modes.${one.mode}`)} · {minuteOf(one.proposed_at)}
          </small>
        </>
      ),
    },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    { key: 'buyer', title: t('disposal.buyer'), cell: (one) => organisationName(one.buyer) },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'total',
      title: t('field.total'),
      isFigure: true,
      cell: (one) => (
        <>
          <Amount value={one.total} unit="CNY" />
          {one.deposit && (
            <>
              <br />
              <small className="muted">
                {t('preview.deposit')} <Amount value={one.deposit} unit="CNY" />
              </small>
            </>
          )}
          {one.settle_by && (
            <>
              <br />
              <small className="muted">{t('disposal.settleBy', { day: one.settle_by })}</small>
            </>
          )}
        </>
      ),
    },
    { key: 'owed', title: t('disposal.claim'), isFigure: true, cell: (one) => <Proceeds disposal={one} /> },
    { key: 'state', title: t('field.state'), cell: (one) => <State state={one.state} /> },
    { key: 'acts', title: t('act.name'), cell: (one) => <DisposalActs disposal={one} /> },
  ];
}

const useDisposals = (pledge?: string) =>
  useList(['disposals', pledge], (cursor) =>
    call(
      api.GET('/api/v1/disposals', {
        params: { query: { limit: 25, order: 'newest', ...(pledge !== undefined && { pledge }), ...at(cursor) } },
      }),
    ),
  );

/** The disposals of a pledge. */
export function Disposals({ pledge }: { pledge?: string }) {
  const { t } = useTranslation();
  const { items, ...list } = useDisposals(pledge);
  const columns = useColumns();
  return (
    <Rows
      label={t('disposal.title')}
      columns={columns}
      rows={items}
      rowKey={(one) => one.id}
      {...list}
      empty={
        <Nothing brief title={t('disposal.none')}>
          <p>{t('disposal.noneLead')}</p>
        </Nothing>
      }
    />
  );
}

/** Disposals that concern an organisation, for whoever may not see the pledge itself: nothing where there is none. */
export function OwnDisposals() {
  const { t } = useTranslation();
  const { items } = useDisposals();
  if (items.length === 0) return null;
  return (
    <Panel flush title={t('disposal.title')}>
      <Disposals />
    </Panel>
  );
}
