import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useOrganisationName } from '../parties/names';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { RegistrationState } from './States';

type Registration = Schemas['AuctionRegistration'];

/** The word of the exchange on a bidder who waits for it; how the others stand. */
function Word({ registration }: { registration: Registration }) {
  const { t } = useTranslation();
  const path = { params: { path: { id: registration.id } } };
  if (registration.state !== 'registered')
    return (
      <>
        <RegistrationState state={registration.state} />
        {registration.reason !== null && (
          <>
            <br />
            <small className="muted">{registration.reason}</small>
          </>
        )}
      </>
    );
  return (
    <div className="actions">
      <Act
        label={t('auction.qualify')}
        size="small"
        kind="primary"
        run={(_, key) =>
          call(api.POST('/api/v1/auction-registrations/{id}/qualify', { ...path, ...keyed(key), body: {} }))
        }
      >
        {t('auction.qualifyLead')}
      </Act>
      <Act
        label={t('auction.turnAway')}
        size="small"
        isDanger
        reason="needed"
        run={(reason, key) =>
          call(
            api.POST('/api/v1/auction-registrations/{id}/refuse', {
              ...path,
              ...keyed(key),
              body: { reason: reason ?? null },
            }),
          )
        }
      >
        {t('auction.turnAwayLead')}
      </Act>
    </div>
  );
}

interface RegistrationsProps {
  registrations: readonly Registration[];
  lots: readonly Schemas['AuctionLot'][];
}

/** Who has registered, for the exchange, which lets them in. */
export function Registrations({ registrations, lots }: RegistrationsProps) {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const columns: Column<Registration>[] = [
    {
      key: 'number',
      title: t('auction.bidder'),
      cell: (one) => `${t('auction.bidderNumber', { number: one.number })} · ${organisationName(one.organisation)}`,
    },
    {
      key: 'lot',
      title: t('auction.lot'),
      cell: (one) => t('auction.lotNumber', { number: lots.find((lot) => lot.id === one.lot)?.number ?? '—' }),
    },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'deposit',
      title: t('preview.deposit'),
      isFigure: true,
      cell: (one) => <Amount value={one.deposit} unit="CNY" />,
    },
    { key: 'acts', title: t('field.state'), cell: (one) => <Word registration={one} /> },
  ];
  return (
    <Panel flush title={t('auction.registrations')}>
      <Rows
        label={t('auction.registrations')}
        columns={columns}
        rows={registrations}
        rowKey={(one) => one.id}
        empty={<Nothing title={t('auction.noRegistrations')} />}
      />
    </Panel>
  );
}
