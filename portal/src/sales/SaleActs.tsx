import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { SettlementBank, useSettlementBank } from '../pledges/ClaimFields';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { DecimalInput, sumRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';

type Sale = Schemas['ConsentedSale'];

const pathOf = (sale: Sale) => ({ params: { path: { id: sale.id } } });

function Total({ sale }: { sale: Sale }) {
  return (
    <b>
      <Amount value={sale.total} unit="CNY" />
    </b>
  );
}

/** The pledgee consents, with the order of payment. */
function ConsentToSale({ sale }: { sale: Sale }) {
  const { t } = useTranslation();
  const bank = useSettlementBank();
  return (
    <FormAct<Schemas['ConsentToSale'], Sale>
      label={t('sale.consent')}
      lead={
        <>
          {t('sale.consentLead')} <Total sale={sale} />
        </>
      }
      kind="primary"
      size="small"
      initial={bank}
      fields={
        <>
          <Form.Item
            name="document"
            label={t('sale.document')}
            rules={[{ required: true, message: t('field.needed') }]}
          >
            <Input autoComplete="off" maxLength={200} />
          </Form.Item>
          <Form.Item name="to_claim" label={t('sale.toClaim')} extra={t('sale.toClaimHint')} rules={sumRules(t)}>
            <DecimalInput unit="CNY" />
          </Form.Item>
          <SettlementBank />
        </>
      }
      run={(body, key) =>
        call(api.POST('/api/v1/consented-sales/{id}/consent', { ...pathOf(sale), ...keyed(key), body }))
      }
    />
  );
}

function RefuseSale({ sale }: { sale: Sale }) {
  const { t } = useTranslation();
  return (
    <Act
      label={t('tasks.refuse')}
      isDanger
      size="small"
      reason="needed"
      run={(reason, key) =>
        call(
          api.POST('/api/v1/consented-sales/{id}/refuse', {
            ...pathOf(sale),
            ...keyed(key),
            body: { reason: reason ?? '' },
          }),
        )
      }
    >
      {t('sale.refuseLead')}
    </Act>
  );
}

/** The buyer pays, and has the rights. */
export function SettleSale({ sale }: { sale: Sale }) {
  const { t } = useTranslation();
  return (
    <Act
      label={t('sale.settle')}
      kind="primary"
      size="small"
      run={(_, key) =>
        call(api.POST('/api/v1/consented-sales/{id}/settle', { ...pathOf(sale), ...keyed(key), body: {} }))
      }
    >
      {t('sale.settleLead')} <Total sale={sale} />
    </Act>
  );
}

/** Whether whoever looks is the buyer, and everybody else has said yes. */
export function useMaySettle(): (sale: Sale, trade: string | undefined) => boolean {
  const session = useSession();
  const isTrader = hasRole(session, 'enterprise_trader', 'reserve_trader');
  return (sale, trade) =>
    isTrader &&
    sale.buyer === session?.me.organisation &&
    sale.state === 'consented' &&
    ['approved', 'publicised'].includes(trade ?? '');
}

/** What whoever looks at a sale may do about it now; `trade` is the state of its trade. */
export function SaleActs({ sale, trade }: { sale: Sale; trade: string | undefined }) {
  const { t } = useTranslation();
  const session = useSession();
  const own = session?.me.organisation;
  const maySettle = useMaySettle();
  const isPledgor = sale.pledgor === own && hasRole(session, 'enterprise_trader');
  const isPledgee = sale.pledgee === own && hasRole(session, 'pledgee_officer');
  if (maySettle(sale, trade)) {
    return (
      <div className="actions gap">
        <SettleSale sale={sale} />
      </div>
    );
  }
  if (sale.state !== 'requested' || !(isPledgor || isPledgee)) return null;
  return (
    <div className="actions gap">
      {isPledgee && (
        <>
          <ConsentToSale sale={sale} />
          <RefuseSale sale={sale} />
        </>
      )}
      {isPledgor && (
        <Act
          label={t('sale.withdraw')}
          isDanger
          size="small"
          run={(_, key) =>
            call(api.POST('/api/v1/consented-sales/{id}/withdraw', { ...pathOf(sale), ...keyed(key), body: {} }))
          }
        >
          {t('sale.withdrawLead')}
        </Act>
      )}
    </div>
  );
}
