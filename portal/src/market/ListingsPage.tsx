import { Button, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useAreaName, useOrganisationName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { PriceHistory } from './PriceHistory';

const states = ['open', 'partly_filled', 'filled', 'draft', 'withdrawn', 'expired'] as const;

function useColumns(): Column<Schemas['MarketListing']>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const areaName = useAreaName();
  return [
    {
      key: 'right',
      title: t('right.name'),
      cell: (one) => (
        <Link to={`/market/${one.id}`}>
          <RightClass code={one.right_class} />
        </Link>
      ),
    },
    {
      key: 'seller',
      title: t('trade.seller'),
      cell: (one) => (
        <>
          {organisationName(one.seller)}
          <br />
          <small className="muted">
            {areaName(one.area)}
            {one.seller_is_reserve && ` · ${t('market.reserve')}`}
          </small>
        </>
      ),
    },
    {
      key: 'left',
      title: t('market.left'),
      isFigure: true,
      cell: (one) => <Amount value={one.left} unit={one.unit} />,
    },
    {
      key: 'minimum',
      title: t('market.minimum'),
      isFigure: true,
      cell: (one) => <Amount value={one.minimum} unit={one.unit} />,
    },
    {
      key: 'price',
      title: t('field.unitPrice'),
      isFigure: true,
      cell: (one) => <Amount value={one.unit_price} unit={`CNY/${one.unit}`} />,
    },
    {
      key: 'last',
      title: t('market.lastDay'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.last_day ?? t('market.noEnd')}</span>,
    },
    { key: 'state', title: t('field.state'), cell: (one) => <State state={one.state} /> },
  ];
}

/** What is on offer at a fixed price. */
export default function ListingsPage() {
  const { t } = useTranslation();
  const maySell = hasRole(useSession(), 'enterprise_trader', 'reserve_trader');
  const [state, setState] = useState<string>('open');
  const columns = useColumns();
  const list = useList(['listings', state], (cursor) =>
    call(api.GET('/api/v1/listings', { params: { query: { state, limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  return (
    <>
      <PageHead
        title={t('market.title')}
        lead={t('market.lead')}
        actions={
          maySell && (
            <Link to="/market/sell">
              <Button type="primary" tabIndex={-1}>
                {t('market.sell')}
              </Button>
            </Link>
          )
        }
      />
      <div className="stack">
        <Panel
          flush
          title={t('market.listings')}
          actions={
            <Select
              aria-label={t('field.state')}
              value={state}
              onChange={setState}
              style={{ width: 150 }}
              options={states.map((value) => ({ value, label: t(`state.${value}`) }))}
            />
          }
        >
          <Rows
            label={t('market.listings')}
            columns={columns}
            rows={list.items}
            rowKey={(one) => one.id}
            isLoading={list.isLoading}
            error={list.error}
            retry={list.retry}
            more={list.more}
            isLoadingMore={list.isLoadingMore}
            empty={
              <Nothing title={t('market.none')}>
                <p>{t('market.noneLead')}</p>
              </Nothing>
            }
          />
        </Panel>
        <PriceHistory />
      </div>
    </>
  );
}
