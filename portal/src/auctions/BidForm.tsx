import { Button, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { isDecimal, product } from '../figures/decimal';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { Facts } from '../ui/Facts';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useFieldErrors } from '../ui/useFieldErrors';

interface Bid {
  price: string;
  quantity: string;
}

interface BidFormProps {
  lot: Schemas['AuctionLot'];
  registration: Schemas['AuctionRegistration'];
  /** Whether bidding goes on now. */
  isOpen: boolean;
}

/** A bid in the open. It binds, so the button says what it costs. */
export function BidForm({ lot, registration, isOpen }: BidFormProps) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Bid>();
  const bid = Form.useWatch([], form) as Partial<Bid> | undefined;
  const command = useCommand((body: Bid, key) =>
    call(
      api.POST('/api/v1/auctions/{id}/bids', {
        params: { path: { id: lot.auction } },
        ...keyed(key),
        body: { ...body, lot: lot.id },
      }),
    ),
  );
  useFieldErrors(form, command.error);
  const { price, quantity } = bid ?? {};
  const total =
    price && quantity && isDecimal(price, 2) && isDecimal(quantity, 6) ? product(price, quantity) : undefined;
  return (
    <Panel title={t('auction.bidHere')}>
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
          onFinish={(body: Bid) => command.mutate(body)}
        >
          <Form.Item name="price" label={t('auction.price')} rules={decimalRules(t, 2)}>
            <DecimalInput unit={`CNY/${lot.unit}`} disabled={!isOpen} />
          </Form.Item>
          <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
            <DecimalInput unit={lot.unit} disabled={!isOpen} />
          </Form.Item>
          <div className="stack">
            <Facts wide facts={[[t('field.total'), <Amount value={total} unit="CNY" />]]} />
            <Refusal error={command.error} />
            {command.isSuccess && (
              <div className="notice fine" role="status">
                <h3>{t('auction.taken', { number: command.data.number })}</h3>
              </div>
            )}
            <Button type="primary" size="large" block htmlType="submit" loading={command.isPending} disabled={!isOpen}>
              {isOpen ? t('auction.bid') : t('auction.notOpen')}
            </Button>
            <p className="muted">{t('auction.binds')}</p>
          </div>
        </Form>
      </div>
    </Panel>
  );
}
