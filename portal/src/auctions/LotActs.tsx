import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';

/** Taking a lot out before the announcement: whoever has put it in as they like, the exchange with a reason. */
export function LotActs({ lot }: { lot: Schemas['AuctionLot'] }) {
  const { t } = useTranslation();
  const session = useSession();
  const path = { params: { path: { id: lot.id } } };
  const isProposer = (lot.pledgee ?? lot.seller) === session?.me.organisation;
  if (lot.state !== 'planned') return null;
  if (hasRole(session, 'exchange_officer'))
    return (
      <Act
        label={t('auction.takeOut')}
        isDanger
        size="small"
        reason="needed"
        run={(reason, key) =>
          call(
            api.POST('/api/v1/auction-lots/{id}/remove', { ...path, ...keyed(key), body: { reason: reason ?? null } }),
          )
        }
      >
        {t('auction.removeLead')}
      </Act>
    );
  if (!isProposer || !hasRole(session, 'enterprise_trader', 'reserve_trader', 'pledgee_officer')) return null;
  return (
    <Act
      label={t('auction.takeOut')}
      isDanger
      size="small"
      run={(_, key) => call(api.POST('/api/v1/auction-lots/{id}/withdraw', { ...path, ...keyed(key), body: {} }))}
    >
      {t('auction.takeOutLead')}
    </Act>
  );
}
