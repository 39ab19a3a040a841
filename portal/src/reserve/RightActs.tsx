import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { ListPanel } from '../ui/ListPanel';
import { RightClass } from '../ui/RightClass';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { StateChoice } from '../ui/StateChoice';

type RightAct = Schemas['RightAct'];

const decided = (reason: string | undefined) => ({ documents: [], ...(reason !== undefined && { reason }) });

/** What the seller of a buy-back says to it. */
function SellerActs({ act }: { act: RightAct }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: act.id } } };
  return (
    <>
      <Act
        label={t('rightAct.agree')}
        kind="primary"
        size="small"
        run={(_, key) => call(api.POST('/api/v1/right-acts/{id}/agree', { ...path, ...keyed(key), body: {} }))}
      >
        {t('rightAct.agreeLead')}{' '}
        <b>
          <Amount value={act.total} unit="CNY" />
        </b>
      </Act>
      <Act
        label={t('rightAct.decline')}
        isDanger
        size="small"
        reason="needed"
        run={(reason, key) =>
          call(api.POST('/api/v1/right-acts/{id}/decline', { ...path, ...keyed(key), body: decided(reason) }))
        }
      >
        {t('rightAct.declineLead')}
      </Act>
    </>
  );
}

/** What whoever looks at an act on rights may do about it now. */
export function RightActActs({ act }: { act: RightAct }) {
  const { t } = useTranslation();
  const session = useSession();
  const path = { params: { path: { id: act.id } } };
  const isWaiting = ['proposed', 'agreed'].includes(act.state);
  const isSeller =
    act.kind === 'buy_back' &&
    act.state === 'proposed' &&
    act.organisation === session?.me.organisation &&
    hasRole(session, 'enterprise_trader');
  const mayDecide =
    hasRole(session, 'bureau_head') &&
    act.proposed_by !== session?.me.user &&
    (act.kind === 'buy_back' ? act.state === 'agreed' : act.state === 'proposed');
  if (!isWaiting) return null;
  return (
    <div className="actions">
      {isSeller && <SellerActs act={act} />}
      {mayDecide && (
        <>
          <Act
            label={t('tasks.approve')}
            kind="primary"
            size="small"
            reason="asked"
            run={(reason, key) =>
              call(api.POST('/api/v1/right-acts/{id}/approve', { ...path, ...keyed(key), body: decided(reason) }))
            }
          >
            {t('rightAct.approveLead')} <Amount value={act.quantity} unit={act.unit} />
          </Act>
          <Act
            label={t('tasks.refuse')}
            isDanger
            size="small"
            reason="needed"
            run={(reason, key) =>
              call(api.POST('/api/v1/right-acts/{id}/refuse', { ...path, ...keyed(key), body: decided(reason) }))
            }
          >
            {t('tasks.refuseLead')}
          </Act>
        </>
      )}
      {act.proposed_by === session?.me.user && (
        <Act
          label={t('tasks.withdraw')}
          size="small"
          run={(_, key) => call(api.POST('/api/v1/right-acts/{id}/withdraw', { ...path, ...keyed(key), body: {} }))}
        >
          {t('tasks.withdrawLead')}
        </Act>
      )}
    </div>
  );
}

/** What is told of each act on rights; which leads to all that is known of it. */
export function useRightActColumns(): Column<RightAct>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  return [
    {
      key: 'kind',
      title: t('field.kind'),
      cell: (one) => (
        <>
          <Link to={`/right-acts/${one.id}`}>
            <b>{t(`rightAct.kinds.${one.kind}`)}</b>
          </Link>
          <br />
          <small className="muted">{t(`rightAct.causes.${one.cause}`)}</small>
        </>
      ),
    },
    {
      key: 'document',
      title: t('field.document'),
      cell: (one) => (
        <>
          {one.document ?? '—'}
          <br />
          <small className="muted figures">{minuteOf(one.proposed_at)}</small>
        </>
      ),
    },
    { key: 'whose', title: t('rightAct.whose'), cell: (one) => organisationName(one.organisation) },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
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
      cell: (one) => <Amount value={one.total} {...(one.total && { unit: 'CNY' })} />,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={one.state} word={t(`rightAct.states.${one.state}`)} />
          {one.reason && (
            <>
              <br />
              <small className="muted">{one.reason}</small>
            </>
          )}
        </>
      ),
    },
    { key: 'acts', title: t('act.name'), cell: (one) => <RightActActs act={one} /> },
  ];
}

const states = ['proposed', 'agreed', 'carried_out', 'refused', 'withdrawn'] as const;

/** What the reserve has set aside, taken and bought back. */
export function ReserveOperations() {
  const { t } = useTranslation();
  const [state, setState] = useState<string>();
  const columns = useRightActColumns();
  const list = useList(['reserve-operations', state], (cursor) =>
    call(
      api.GET('/api/v1/reserve-operations', {
        params: { query: { limit: 25, order: 'newest', ...(state !== undefined && { state }), ...at(cursor) } },
      }),
    ),
  );
  return (
    <ListPanel
      title={t('reserve.operations')}
      list={list}
      columns={columns}
      actions={
        <StateChoice states={states} word={(one) => t(`rightAct.states.${one}`)} value={state} choose={setState} />
      }
      none={t('reserve.none')}
      noneLead={t('reserve.noneLead')}
    />
  );
}
