import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, oneAfterAnother, useList } from '../api/list';
import { useAreaName, useOrganisationName, useOrganisations } from '../parties/names';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { State } from '../ui/State';
import { SellLink } from './SellLink';
import { StateChoice } from '../ui/StateChoice';
import { useRightClasses } from '../ui/useRightClasses';
import { useRightWords } from '../ui/useRightWords';
import { PriceHistory } from './PriceHistory';

/** What can be bought: nobody has bought of it yet, or a part is left. */
const onSale = ['open', 'partly_filled'];
const ON_SALE = 'on_sale';
const states = [ON_SALE, ...onSale, 'filled', 'draft', 'withdrawn', 'expired'];

interface Filter {
  /** One state, or what is on sale; all of them when nothing is chosen. */
  state: string | undefined;
  right_class?: string | undefined;
  seller?: string | undefined;
}

/** The listings that a filter leaves. */
function useListings({ state, right_class, seller }: Filter) {
  const wanted = state === ON_SALE ? onSale : [state];
  const rest = {
    limit: 25,
    order: 'newest',
    ...(right_class !== undefined && { right_class }),
    ...(seller !== undefined && { seller }),
  };
  return useList(
    ['listings', state, right_class, seller],
    oneAfterAnother(wanted, (one, cursor) =>
      call(
        api.GET('/api/v1/listings', {
          params: { query: { ...rest, ...(one !== undefined && { state: one }), ...at(cursor) } },
        }),
      ),
    ),
  );
}

interface FiltersProps {
  filter: Filter;
  choose: (filter: Filter) => void;
}

/** Which right, whose, and how it stands. */
function Filters({ filter, choose }: FiltersProps) {
  const { t } = useTranslation();
  const rightWords = useRightWords();
  const classes = useRightClasses().data ?? [];
  const sellers = useOrganisations().data?.filter((one) => ['enterprise', 'reserve'].includes(one.kind)) ?? [];
  const search = { allowClear: true, showSearch: { optionFilterProp: 'label' }, style: { width: 190 } };
  return (
    <>
      <Select
        {...search}
        aria-label={t('right.name')}
        placeholder={t('market.anyRight')}
        value={filter.right_class}
        onChange={(right_class?: string) => choose({ ...filter, right_class })}
        options={classes.map((one) => ({ value: one.code, label: rightWords(one.code) }))}
      />
      <Select
        {...search}
        aria-label={t('trade.seller')}
        placeholder={t('market.anySeller')}
        value={filter.seller}
        onChange={(seller?: string) => choose({ ...filter, seller })}
        options={sellers.map((one) => ({ value: one.id, label: one.name }))}
      />
      <StateChoice
        states={states}
        word={(one) => (one === ON_SALE ? t('market.onSale') : t(`state.${one}`))}
        value={filter.state}
        choose={(state) => choose({ ...filter, state })}
      />
    </>
  );
}

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
  const [filter, choose] = useState<Filter>({ state: ON_SALE });
  const columns = useColumns();
  const list = useListings(filter);
  return (
    <>
      <PageHead title={t('market.title')} lead={t('market.lead')} actions={<SellLink />} />
      <div className="stack">
        <Panel flush title={t('market.listings')} actions={<Filters filter={filter} choose={choose} />}>
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
