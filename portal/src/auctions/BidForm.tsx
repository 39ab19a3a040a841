import { Button, Form } from 'antd';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { isDecimal, product } from '../figures/decimal';
import { Amount } from '../ui/Amount';
import { Confirm } from '../ui/Confirm';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { Facts } from '../ui/Facts';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { ShownOnce } from '../ui/ShownOnce';
import { useFieldErrors } from '../ui/useFieldErrors';
import { Countdown } from './Countdown';
import { freshSalt } from './seal';
import type { Lasting } from './useLive';

interface Bid {
  price: string;
  quantity: string;
  /** Of a sealed one. */
  salt?: string;
}

/** A bid that has arrived, with what was sent. */
interface Placed {
  sent: Bid;
  bid: Schemas['AuctionBid'];
}

interface BidFormProps {
  lot: Schemas['AuctionLot'];
  registration: Schemas['AuctionRegistration'];
  /** The lot as it stands now; nothing while that is not known. */
  live: Lasting | undefined;
  /** Whether nobody reads a bid before all are opened. */
  isSealed: boolean;
  /** What else may be done about the registration. */
  actions: ReactNode;
}

/** Places bids. A sealed one has a salt of its own, which stays the same until an answer has come, so that a repeat is the same bid. */
function usePlacing(lot: Schemas['AuctionLot'], isSealed: boolean) {
  const [salt, renew] = useState(freshSalt);
  const [placed, keep] = useState<Placed>();
  const [asked, ask] = useState<Bid>();
  const command = useCommand(
    async (sent: Bid, key): Promise<Placed> => {
      const body = { ...sent, lot: lot.id };
      const path = { id: lot.auction };
      return {
        sent,
        bid: await call(api.POST('/api/v1/auctions/{id}/bids', { params: { path }, ...keyed(key), body })),
      };
    },
    (arrived) => {
      renew(freshSalt());
      ask(undefined);
      keep(arrived);
    },
  );
  // What is refused is told at the fields, beneath the question.
  const place = () =>
    asked && command.mutate({ ...asked, ...(isSealed && { salt }) }, { onError: () => ask(undefined) });
  return { command, asked, ask, place, placed, forget: () => keep(undefined) };
}

/** What a bidder keeps of a sealed bid: with it anybody finds what the server has promised once the bids are opened. */
function SealedBid({ placed, unit, close }: { placed: Placed; unit: string; close: () => void }) {
  const { t } = useTranslation();
  const { sent, bid } = placed;
  return (
    <ShownOnce
      title={t('auction.keepBid')}
      lead={t('auction.keepBidLead')}
      values={[
        [t('auction.price'), `${sent.price} CNY/${unit}`],
        [t('field.quantity'), `${sent.quantity} ${unit}`],
        [t('auction.salt'), sent.salt ?? ''],
        [t('auction.commitment'), bid.commitment ?? ''],
      ]}
      close={close}
    />
  );
}

/** Price times quantity of what is typed; nothing while it cannot be read. */
function totalOf({ price, quantity }: Partial<Bid>): string | undefined {
  return price && quantity && isDecimal(price, 2) && isDecimal(quantity, 6) ? product(price, quantity) : undefined;
}

interface AskedProps extends Pick<BidFormProps, 'lot' | 'live' | 'isSealed'> {
  bid: Bid;
  isOpen: boolean;
  isPending: boolean;
  close: () => void;
  place: () => void;
}

/** The question before a bid: time and price go on in it, and Enter places the bid. */
function Asked({ lot, live, isSealed, bid, isOpen, isPending, close, place }: AskedProps) {
  const { t } = useTranslation();
  return (
    <Confirm
      act={t('auction.bid')}
      lead={isSealed ? t('auction.bindsSealed') : t('auction.binds')}
      facts={[
        [t('auction.price'), <Amount value={bid.price} unit={`CNY/${lot.unit}`} />],
        [t('field.quantity'), <Amount value={bid.quantity} unit={lot.unit} />],
        [t('field.total'), <Amount value={totalOf(bid)} unit="CNY" />],
        !isSealed && ([t('auction.best'), <Amount value={live?.best_price} unit={`CNY/${lot.unit}`} />] as const),
      ]}
      isPending={isPending}
      isPossible={isOpen}
      close={close}
      go={place}
    >
      {live && isOpen && <Countdown told={live.told} label={t(`auction.phases.${live.phase}`)} />}
    </Confirm>
  );
}

/** A bid. It binds, so it is asked first, with what it costs. */
export function BidForm({ lot, registration, live, isSealed, actions }: BidFormProps) {
  const { t } = useTranslation();
  const isOpen = live?.phase === 'bidding' || live?.phase === 'timed';
  const [form] = Form.useForm<Bid>();
  const typed = Form.useWatch([], form) as Partial<Bid> | undefined;
  const { command, asked, ask, place, placed, forget } = usePlacing(lot, isSealed);
  useFieldErrors(form, command.error);
  return (
    <Panel title={t('auction.bidHere')} actions={actions}>
      <div className="stack">
        <Facts
          wide
          facts={[
            [t('auction.yourNumber'), registration.number],
            [t('auction.registeredFor'), <Amount value={registration.quantity} unit={lot.unit} />],
            [t('preview.deposit'), <Amount value={registration.deposit} unit="CNY" />],
          ]}
        />
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ quantity: registration.quantity }}
          onFinish={ask}
        >
          <Form.Item name="price" label={t('auction.price')} rules={decimalRules(t, 2)}>
            <DecimalInput unit={`CNY/${lot.unit}`} disabled={!isOpen} />
          </Form.Item>
          <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
            <DecimalInput unit={lot.unit} disabled={!isOpen} />
          </Form.Item>
          <div className="stack">
            <Facts wide facts={[[t('field.total'), <Amount value={totalOf(typed ?? {})} unit="CNY" />]]} />
            <Refusal error={command.error} />
            {command.isSuccess && (
              <div className="notice fine" role="status">
                <h3>{t('auction.taken', { number: command.data.bid.number })}</h3>
              </div>
            )}
            <Button type="primary" size="large" block htmlType="submit" loading={command.isPending} disabled={!isOpen}>
              {isOpen ? t('auction.bid') : t('auction.notOpen')}
            </Button>
            <p className="muted">{isSealed ? t('auction.bindsSealed') : t('auction.binds')}</p>
          </div>
        </Form>
      </div>
      {asked && (
        <Asked
          lot={lot}
          live={live}
          isSealed={isSealed}
          bid={asked}
          isOpen={isOpen}
          isPending={command.isPending}
          close={() => ask(undefined)}
          place={place}
        />
      )}
      {isSealed && placed && <SealedBid placed={placed} unit={lot.unit} close={forget} />}
    </Panel>
  );
}
