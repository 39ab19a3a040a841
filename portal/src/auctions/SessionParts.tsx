import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schemas } from '../api/client';
import { minuteOf, secondOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { SessionState } from './States';

/** When a session opens and closes, and by which rules. */
export function SessionFacts({ auction }: { auction: Schemas['Auction'] }) {
  const { t } = useTranslation();
  const isSealed = auction.format === 'sealed';
  return (
    <Panel title={t('auction.rules')} actions={<SessionState state={auction.state} />}>
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
          isSealed && ([t('auction.keys'), t('auction.keysOf', { count: auction.keys.length })] as const),
          isSealed && ([t('auction.halves'), t('auction.keysOf', { count: auction.keys_handed_in })] as const),
          Boolean(auction.reason) && ([t('field.reason'), auction.reason] as const),
        ]}
      />
    </Panel>
  );
}

/** What a sealed bid is held to, and once it is opened the salt with which anybody checks that. */
function Promised({ bid }: { bid: Schemas['AuctionBid'] }) {
  const { t } = useTranslation();
  return (
    <small className="code">
      {bid.commitment}
      {bid.salt !== null && (
        <>
          <br />
          <span className="muted">
            {t('auction.salt')} {bid.salt}
          </span>
        </>
      )}
    </small>
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
  const unread = ({ fault }: Schemas['AuctionBid']) =>
    fault === null ? t('auction.sealed') : t(`auction.faults.${fault}`);
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
      cell: (bid) => (bid.price ? <Amount value={bid.price} unit={`CNY/${unit}`} /> : unread(bid)),
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
  const promised: Column<Schemas['AuctionBid']> = {
    key: 'commitment',
    title: t('auction.commitment'),
    cell: (bid) => <Promised bid={bid} />,
  };
  return (
    <Panel flush title={t('auction.bids')}>
      <Rows
        label={t('auction.bids')}
        columns={bids.some((bid) => bid.commitment !== null) ? [...columns, promised] : columns}
        rows={[...bids].reverse()}
        rowKey={(bid) => bid.id}
        isLoading={isLoading}
        error={error}
        empty={<Nothing title={t('auction.noBids')} />}
      />
    </Panel>
  );
}

interface ResultsProps {
  awards: readonly Schemas['AuctionAward'][];
  unit: string;
  name?: (organisation: string) => string;
  /** Where whoever looks follows a win, if they may. */
  way?: (award: Schemas['AuctionAward']) => string | undefined;
}

/** What a win becomes, with the way there for whoever may follow it. */
function Becomes({ award, way }: { award: Schemas['AuctionAward']; way: string | undefined }) {
  const { t } = useTranslation();
  if (award.trade === null && award.disposal === null) return <span className="muted">—</span>;
  const word = award.trade === null ? t('auction.disposal') : t('auction.trade');
  return way === undefined ? word : <Link to={way}>{word}</Link>;
}

/** Places in the rankings of the lots, what each has won, and what that becomes. */
export function Results({ awards, unit, name, way }: ResultsProps) {
  const { t } = useTranslation();
  if (awards.length === 0) return null;
  const columns: Column<Schemas['AuctionAward']>[] = [
    {
      key: 'place',
      title: t('auction.place'),
      cell: (one) => <b>{t('auction.placeNumber', { place: one.place })}</b>,
      width: 96,
    },
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
    { key: 'becomes', title: t('auction.becomes'), cell: (one) => <Becomes award={one} way={way?.(one)} /> },
  ];
  return (
    <Panel flush title={t('auction.results')}>
      <Rows label={t('auction.results')} columns={columns} rows={awards} rowKey={(one) => one.id} empty={null} />
    </Panel>
  );
}
