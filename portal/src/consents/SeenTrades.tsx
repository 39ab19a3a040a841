import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useAreaName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';

type Seen = Schemas['SeenTrade'];

/** The other party, as far as the public register tells of it. */
function Counterparty({ trade }: { trade: Seen }) {
  const { t } = useTranslation();
  const areaName = useAreaName();
  if (!trade.counterparty_area) return <span className="muted">{t('consent.seen.unpublished')}</span>;
  return (
    <>
      {trade.counterparty ?? t('disclosure.unnamed')}
      <br />
      <small className="muted">{areaName(trade.counterparty_area)}</small>
    </>
  );
}

/** What an enterprise has sold and bought of the classes of its consent: asked for by a click, because every page is a look that is logged. */
export function SeenTrades({ consent }: { consent: string }) {
  const { t } = useTranslation();
  const [isAsked, setAsked] = useState(false);
  const { items, ...list } = useList(
    ['look', consent, 'trades'],
    (cursor) =>
      call(
        api.GET('/api/v1/consents/{id}/trades', {
          params: { path: { id: consent }, query: { limit: 20, ...at(cursor) } },
        }),
      ),
    isAsked,
    Infinity,
  );
  const columns: Column<Seen>[] = [
    {
      key: 'on',
      title: t('consent.seen.on'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.settled_on}</span>,
    },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    { key: 'side', title: t('consent.seen.side'), cell: (one) => <b>{t(`consent.seen.sides.${one.side}`)}</b> },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    {
      key: 'price',
      title: t('field.unitPrice'),
      isFigure: true,
      cell: (one) => <Amount value={one.unit_price} unit={`CNY/${one.unit}`} />,
    },
    { key: 'total', title: t('field.total'), isFigure: true, cell: (one) => <Amount value={one.total} unit="CNY" /> },
    { key: 'mode', title: t('trade.mode'), cell: (one) => t(`mode.${one.mode}`) },
    { key: 'other', title: t('consent.seen.other'), cell: (one) => <Counterparty trade={one} /> },
  ];
  return (
    <Panel
      flush={isAsked}
      title={t('consent.seen.title')}
      actions={!isAsked && <Button onClick={() => setAsked(true)}>{t('consent.seen.ask')}</Button>}
    >
      {isAsked ? (
        <Rows
          label={t('consent.seen.title')}
          columns={columns}
          rows={items}
          rowKey={(one) => one.id}
          {...list}
          empty={<Nothing title={t('consent.seen.none')} />}
        />
      ) : (
        <p className="muted">{t('consent.seen.lead')}</p>
      )}
    </Panel>
  );
}
