import { useQuery } from '@tanstack/react-query';
import { Form, type FormInstance, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList, whole } from '../api/list';
import { minuteOf } from '../figures/instant';
import { Act } from '../ui/Act';
import { Amount } from '../ui/Amount';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { FormAct } from '../ui/FormAct';
import { given } from '../ui/given';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { ClaimFields, LienFields, useClaim } from './ClaimFields';
import { usePart } from './roles';

type Lot = Schemas['ProposePledgedLot'];

/** Sessions that are not announced yet. */
const usePlanned = () =>
  useQuery({
    queryKey: ['auctions', 'planned'],
    queryFn: () =>
      whole((cursor) =>
        call(api.GET('/api/v1/auctions', { params: { query: { state: 'planned', limit: 200, ...at(cursor) } } })),
      ),
  });

/** What is put into which session, and from what price. */
function Fields({ pledge, form }: { pledge: Schemas['Pledge']; form: FormInstance<Lot> }) {
  const { t } = useTranslation();
  const planned = usePlanned();
  const lien = Form.useWatch('lien', form) as string | undefined;
  const unit = pledge.liens.find((one) => one.id === lien)?.unit ?? 't';
  return (
    <>
      <Form.Item
        name="auction"
        label={t('auction.session')}
        extra={t('pledgedLot.sessionHint')}
        rules={[{ required: true, message: t('field.needed') }]}
      >
        <Select
          loading={planned.isPending}
          notFoundContent={t('pledgedLot.noSession')}
          options={(planned.data ?? []).map((one) => ({
            value: one.id,
            label: `${one.title} · ${minuteOf(one.opens_at)}`,
          }))}
        />
      </Form.Item>
      <LienFields pledge={pledge} unit={unit} />
      <Form.Item name="min_quantity" label={t('pledgedLot.least')} rules={decimalRules(t, 6, false)}>
        <DecimalInput unit={unit} />
      </Form.Item>
      <Form.Item name="max_quantity" label={t('pledgedLot.most')} rules={decimalRules(t, 6, false)}>
        <DecimalInput unit={unit} />
      </Form.Item>
      <Form.Item name="base_price" label={t('auction.basePrice')} rules={decimalRules(t, 2)}>
        <DecimalInput unit={`CNY/${unit}`} />
      </Form.Item>
      <ClaimFields />
    </>
  );
}

/** Putting what a lien holds into an auction of the exchange. */
export function ProposePledgedLot({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const claim = useClaim(pledge);
  return (
    <FormAct<Lot, Schemas['AuctionLot']>
      label={t('pledgedLot.propose')}
      lead={t('pledgedLot.proposeLead')}
      kind="primary"
      initial={claim}
      fields={(form) => <Fields pledge={pledge} form={form} />}
      run={(body, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/lots', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: given(body) as Lot,
          }),
        )
      }
    />
  );
}

function useColumns(pledge: Schemas['Pledge']): Column<Schemas['AuctionLot']>[] {
  const { t } = useTranslation();
  const { isPledgee } = usePart(pledge);
  return [
    {
      key: 'lot',
      title: t('auction.lot'),
      cell: (one) => (
        <Link to={`/auctions/${one.auction}`}>
          <b>{t('auction.lotNumber', { number: one.number })}</b>
        </Link>
      ),
    },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'price',
      title: t('auction.basePrice'),
      isFigure: true,
      cell: (one) => <Amount value={one.base_price} unit={`CNY/${one.unit}`} />,
    },
    { key: 'bids', title: t('auction.bids'), isFigure: true, cell: (one) => one.bids },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <>
          <State state={one.state} />
          {one.reason && (
            <>
              <br />
              <small className="muted">{one.reason}</small>
            </>
          )}
        </>
      ),
    },
    {
      key: 'acts',
      title: t('act.name'),
      cell: (one) =>
        isPledgee &&
        one.state === 'planned' && (
          <Act
            label={t('pledgedLot.withdraw')}
            isDanger
            size="small"
            run={(_, key) =>
              call(
                api.POST('/api/v1/auction-lots/{id}/withdraw', {
                  params: { path: { id: one.id } },
                  ...keyed(key),
                  body: {},
                }),
              )
            }
          >
            {t('pledgedLot.withdrawLead')}
          </Act>
        ),
    },
  ];
}

/** What of a pledge was put into auctions; nothing where that never was. */
export function PledgedLots({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const columns = useColumns(pledge);
  const { items, ...list } = useList(['pledged-lots', pledge.id], (cursor) =>
    call(
      api.GET('/api/v1/pledges/{id}/lots', {
        params: { path: { id: pledge.id }, query: { limit: 25, ...at(cursor) } },
      }),
    ),
  );
  if (items.length === 0) return null;
  return (
    <Panel flush title={t('pledgedLot.title')}>
      <Rows
        label={t('pledgedLot.title')}
        columns={columns}
        rows={items}
        rowKey={(one) => one.id}
        {...list}
        empty={null}
      />
    </Panel>
  );
}
