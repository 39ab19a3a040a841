import { DownloadOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useAreaName, useAreas } from '../parties/names';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { YearFigures } from './YearFigures';

/** Who sold to whom, as far as the rulebook lets them be named, and from where to where. */
function Parties({ result }: { result: Schemas['PublicResult'] }) {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const areas = `${areaName(result.seller_area)} → ${areaName(result.buyer_area)}`;
  if (!result.seller && !result.buyer) return areas;
  return (
    <>
      {result.seller ?? t('disclosure.unnamed')} → {result.buyer ?? t('disclosure.unnamed')}
      <br />
      <small className="muted">{areas}</small>
    </>
  );
}

/** The columns of published results. */
function useColumns(): Column<Schemas['PublicTrade']>[] {
  const { t } = useTranslation();
  return [
    {
      key: 'right',
      title: t('right.name'),
      cell: ({ result }) =>
        result ? <RightClass code={result.right_class} /> : <span className="muted">{t('disclosure.withdrawn')}</span>,
    },
    {
      key: 'parties',
      title: t('disclosure.parties'),
      cell: ({ result }) => result && <Parties result={result} />,
    },
    {
      key: 'mode',
      title: t('trade.mode'),
      cell: ({ result }) => result && t(`mode.${result.mode}`, { defaultValue: result.mode }),
    },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: ({ result }) => <Amount value={result?.quantity} unit={result?.unit} />,
    },
    {
      key: 'price',
      title: t('field.unitPrice'),
      isFigure: true,
      cell: ({ result }) => <Amount value={result?.unit_price} unit={`CNY/${result?.unit ?? 't'}`} />,
    },
    {
      key: 'total',
      title: t('field.total'),
      isFigure: true,
      cell: ({ result }) => <Amount value={result?.total} unit="CNY" />,
    },
    {
      key: 'on',
      title: t('disclosure.publishedOn'),
      isFigure: true,
      cell: (trade) => <span className="figures">{trade.published_on ?? '—'}</span>,
    },
  ];
}

/** The year's figures, and the results as they are published. */
export default function Results() {
  const { t } = useTranslation();
  const [area, setArea] = useState<string>();
  const areas = useAreas().data;
  const list = useList(['public', 'trades', area], (cursor) =>
    call(
      api.GET('/api/v1/public/trades', {
        params: { query: { limit: 20, order: 'newest', ...at(cursor), ...(area !== undefined && { area }) } },
      }),
    ),
  );
  const columns = useColumns();
  const asTable = `/api/v1/public/trades?format=csv&order=newest&limit=200${area === undefined ? '' : `&area=${area}`}`;
  return (
    <div className="stack">
      <YearFigures />
      <Panel
        flush
        title={t('disclosure.results')}
        actions={
          <>
            <Select
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              placeholder={t('field.area')}
              aria-label={t('field.area')}
              style={{ width: 180 }}
              value={area}
              onChange={setArea}
              options={[...(areas ?? [])].map(([value, label]) => ({ value, label }))}
            />
            <Button icon={<DownloadOutlined />} href={asTable} download>
              {t('act.csv')}
            </Button>
          </>
        }
      >
        <Rows
          label={t('disclosure.results')}
          columns={columns}
          rows={list.items}
          rowKey={(trade) => trade.id}
          isLoading={list.isLoading}
          error={list.error}
          retry={list.retry}
          more={list.more}
          isLoadingMore={list.isLoadingMore}
          empty={<Nothing title={t('disclosure.noTrades')} />}
        />
      </Panel>
    </div>
  );
}
