import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { useOrganisationName } from '../parties/names';
import { Amount } from '../ui/Amount';

/** Where the price goes by the consent, and what came of it once it is settled; nothing before the pledgee has consented. */
export function OrderOfPayment({ sale }: { sale: Schemas['ConsentedSale'] }) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  if (!sale.document) return <span className="muted">—</span>;
  return (
    <>
      <b>{sale.document}</b>
      <ul className="bare">
        <li>
          <small>
            {t('sale.first')} <Amount value={sale.to_claim} unit="CNY" />
          </small>
        </li>
        <li>
          <small>
            {t('sale.rest')} <Amount value={sale.to_pledgor} unit="CNY" />
          </small>
        </li>
        {sale.paid_claim && (
          <li>
            <small>
              {t('sale.paid')} <Amount value={sale.paid_claim} unit="CNY" />
            </small>
          </li>
        )}
        {sale.parts.map((one) => (
          <li key={one.pledgee}>
            <small className="muted">
              {organisationName(one.pledgee)} <Amount value={one.paid} unit="CNY" />
            </small>
          </li>
        ))}
      </ul>
    </>
  );
}
