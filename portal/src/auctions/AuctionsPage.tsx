import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { at, useList } from '../api/list';
import { PageHead } from '../ui/PageHead';
import { SessionTable } from './SessionTable';

/** Sessions of bidding, for whoever may bid. */
export default function AuctionsPage() {
  const { t } = useTranslation();
  const list = useList(['auctions'], (cursor) =>
    call(api.GET('/api/v1/auctions', { params: { query: { limit: 25, ...at(cursor) } } })),
  );
  return (
    <>
      <PageHead title={t('auction.title')} lead={t('auction.lead')} />
      <SessionTable list={list} below="/auctions" />
    </>
  );
}
