import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { RightClass } from '../ui/RightClass';

/** The exchange confirms a paid trade, where the rules let it wait for that: rights against money. */
export default function ConfirmSettlement({ trade }: { trade: Schemas['Trade'] }) {
  const { t } = useTranslation();
  return (
    <Act
      label={t('settlement.confirm')}
      kind="primary"
      reason="asked"
      run={(reason, key) =>
        call(
          api.POST('/api/v1/trades/{id}/confirm-settlement', {
            params: { path: { id: trade.id } },
            ...keyed(key),
            body: { documents: [], ...(reason !== undefined && { reason }) },
          }),
        )
      }
    >
      <p>{t('settlement.confirmLead')}</p>
      <p>
        <RightClass code={trade.right_class} />
      </p>
      <p>
        <b>
          <Amount value={trade.quantity} unit={trade.unit} /> · <Amount value={trade.total} unit="CNY" />
        </b>
      </p>
    </Act>
  );
}
