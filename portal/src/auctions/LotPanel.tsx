import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { secondOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Facts } from '../ui/Facts';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { State } from '../ui/State';
import { Countdown } from './Countdown';
import type { Lasting } from './useLive';

interface LotPanelProps {
  lot: Schemas['AuctionLot'];
  live: Lasting | undefined;
  /** Who sells, for whoever takes part; anybody else is told where the rulebook lets them be. */
  seller?: string;
  /** Who sells what it holds in pledge, for whoever may know. */
  pledgee?: string;
  /** What whoever looks may do about it. */
  actions?: ReactNode;
}

/** Out of a pledge it is another who sells, and a win becomes something else than a trade. */
function OutOfPledge({ pledgee }: { pledgee: string | undefined }) {
  const { t } = useTranslation();
  return (
    <div className="notice calm">
      <h3>{t('auction.pledged')}</h3>
      {pledgee !== undefined && <p>{t('auction.pledgedBy', { pledgee })}</p>}
      <p>{t('auction.pledgedLead')}</p>
    </div>
  );
}

/** A lot: what is on offer, what stands on it, and how long there is. */
export function LotPanel({ lot, live, seller, pledgee, actions }: LotPanelProps) {
  const { t } = useTranslation();
  const named = lot.seller_name ?? seller;
  return (
    <Panel
      title={t('auction.lotNumber', { number: lot.number })}
      actions={
        <>
          <State state={lot.state} />
          {actions}
        </>
      }
    >
      <div className="stack">
        {lot.lien !== null && <OutOfPledge pledgee={pledgee} />}
        {live && live.phase !== 'over' && <Countdown told={live.told} label={t(`auction.phases.${live.phase}`)} />}
        <Facts
          facts={[
            [t('right.name'), <RightClass code={lot.right_class} />],
            [t('field.quantity'), <Amount value={lot.quantity} unit={lot.unit} />],
            [t('auction.basePrice'), <Amount value={lot.base_price} unit={`CNY/${lot.unit}`} />],
            [
              t('auction.best'),
              <span data-testid="best">
                <Amount value={live?.best_price} unit={`CNY/${lot.unit}`} />
              </span>,
            ],
            [t('auction.bids'), live?.bids ?? lot.bids],
            [t('auction.endsAt'), secondOf(live?.ends_at ?? lot.ends_at)],
            lot.min_quantity !== null &&
              ([t('auction.least'), <Amount value={lot.min_quantity} unit={lot.unit} />] as const),
            [t('auction.most'), <Amount value={lot.max_quantity} unit={lot.unit} />],
            named !== undefined && ([t('trade.seller'), named] as const),
            lot.reason !== null && ([t('field.reason'), lot.reason] as const),
          ]}
        />
      </div>
    </Panel>
  );
}
