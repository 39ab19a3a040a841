import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useMayAdopt } from '../rulebook/useRulebooks';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';

type Override = Schemas['TradeOverride'];

const said = (reason: string | undefined) => ({ documents: [], ...(reason !== undefined && { reason }) });

/** What the province decides on a request that another has made. */
function Decide({ override }: { override: Override }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: override.id } } };
  return (
    <>
      <Act
        label={t('override.approve')}
        kind="primary"
        size="small"
        reason="asked"
        run={(reason, key) =>
          call(api.POST('/api/v1/trade-overrides/{id}/approve', { ...path, ...keyed(key), body: said(reason) }))
        }
      >
        {t('override.approveLead', { until: override.valid_until })}{' '}
        <b>
          <Amount value={override.quantity} unit={override.unit} />
        </b>
      </Act>
      <Act
        label={t('tasks.refuse')}
        isDanger
        size="small"
        reason="needed"
        run={(reason, key) =>
          call(api.POST('/api/v1/trade-overrides/{id}/refuse', { ...path, ...keyed(key), body: said(reason) }))
        }
      >
        {t('tasks.refuseLead')}
      </Act>
    </>
  );
}

/** What whoever looks at an override may do about it now: the province decides and revokes, the bureau that has asked withdraws. */
export function OverrideActs({ override }: { override: Override }) {
  const { t } = useTranslation();
  const session = useSession();
  const isProvince = useMayAdopt() && hasRole(session, 'bureau_head');
  const mayWithdraw =
    override.state === 'requested' &&
    override.requested_for === session?.me.organisation &&
    hasRole(session, 'bureau_officer', 'bureau_head');
  const path = { params: { path: { id: override.id } } };
  return (
    <div className="actions">
      {isProvince && override.state === 'requested' && override.requested_by !== session?.me.user && (
        <Decide override={override} />
      )}
      {isProvince && override.state === 'approved' && (
        <Act
          label={t('override.revoke')}
          isDanger
          size="small"
          reason="needed"
          run={(reason, key) =>
            call(api.POST('/api/v1/trade-overrides/{id}/revoke', { ...path, ...keyed(key), body: said(reason) }))
          }
        >
          {t('override.revokeLead')}
        </Act>
      )}
      {mayWithdraw && (
        <Act
          label={t('tasks.withdraw')}
          size="small"
          reason="asked"
          run={(reason, key) =>
            call(api.POST('/api/v1/trade-overrides/{id}/withdraw', { ...path, ...keyed(key), body: said(reason) }))
          }
        >
          {t('override.withdrawLead')}
        </Act>
      )}
    </div>
  );
}
