import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf, secondOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';

/** When a session opens and closes, and by which rules. */
export function SessionFacts({ auction }: { auction: Schemas['Auction'] }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('auction.rules')} actions={<State state={auction.state} />}>
      <Facts
        facts={[
          [t('auction.format'), t(`auction.formats.${auction.format}`)],
          [t('auction.registrationUntil'), minuteOf(auction.registration_until)],
          [t('auction.opensAt'), minuteOf(auction.opens_at)],
          [t('auction.closesAt'), minuteOf(auction.closes_at)],
          ...auction.rules.map(
            (rule) =>
              [t(`rule.${rule.name}`, { defaultValue: rule.name }), rule.value ?? t('auction.ruleOff')] as const,
          ),
          Boolean(auction.reason) && ([t('field.reason'), auction.reason] as const),
        ]}
      />
    </Panel>
  );
}

interface BidsProps {
  bids: readonly Schemas['AuctionBid'][];
  unit: string;
  isLoading: boolean;
  error: unknown;
  /** The number of whoever looks, so that their own stand out. */
  own?: number | undefined;
  /** The names that whoever takes part knows anyhow; anybody else sees those that the rulebook lets be shown. */
  name?: (organisation: string) => string;
}

/** Bids as they arrived; bidders are numbers while bidding goes on, and afterwards where the rulebook does not let them be named. */
export function Bids({ bids, unit, isLoading, error, own, name }: BidsProps) {
  const { t } = useTranslation();
  const columns: Column<Schemas['AuctionBid']>[] = [
    {
      key: 'bidder',
      title: t('auction.bidder'),
      cell: (bid) => (
        <>
          {bid.bidder_name ??
            (bid.organisation && name ? name(bid.organisation) : t('auction.bidderNumber', { number: bid.bidder }))}
          {bid.bidder === own && <b> · {t('auction.you')}</b>}
        </>
      ),
    },
    {
      key: 'price',
      title: t('auction.price'),
      isFigure: true,
      cell: (bid) => (bid.price ? <Amount value={bid.price} unit={`CNY/${unit}`} /> : t('auction.sealed')),
    },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (bid) => <Amount value={bid.quantity} unit={unit} />,
    },
    {
      key: 'arrived',
      title: t('auction.arrivedAt'),
      isFigure: true,
      cell: (bid) => <span className="figures">{secondOf(bid.arrived_at)}</span>,
    },
  ];
  return (
    <Panel flush title={t('auction.bids')}>
      <Rows
        label={t('auction.bids')}
        columns={columns}
        rows={[...bids].reverse()}
        rowKey={(bid) => bid.id}
        isLoading={isLoading}
        error={error}
        empty={<Nothing title={t('auction.noBids')} />}
      />
    </Panel>
  );
}

/** Places in the rankings of the lots, and what each has won. */
export function Results({
  awards,
  unit,
  name,
}: {
  awards: readonly Schemas['AuctionAward'][];
  unit: string;
  name?: (organisation: string) => string;
}) {
  const { t } = useTranslation();
  if (awards.length === 0) return null;
  const columns: Column<Schemas['AuctionAward']>[] = [
    { key: 'place', title: t('auction.place'), cell: (one) => <b>{t('auction.placeNumber', { place: one.place })}</b> },
    {
      key: 'bidder',
      title: t('auction.bidder'),
      cell: (one) => one.bidder_name ?? name?.(one.organisation) ?? t('auction.bidderNumber', { number: one.bidder }),
    },
    {
      key: 'price',
      title: t('auction.price'),
      isFigure: true,
      cell: (one) => <Amount value={one.price} unit={`CNY/${unit}`} />,
    },
    { key: 'won', title: t('auction.won'), isFigure: true, cell: (one) => <Amount value={one.quantity} unit={unit} /> },
    { key: 'total', title: t('field.total'), isFigure: true, cell: (one) => <Amount value={one.total} unit="CNY" /> },
  ];
  return (
    <Panel flush title={t('auction.results')}>
      <Rows label={t('auction.results')} columns={columns} rows={awards} rowKey={(one) => one.id} empty={null} />
    </Panel>
  );
}
