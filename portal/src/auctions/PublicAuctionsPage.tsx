import { useTranslation } from 'react-i18next';
import { api, call } from '../api/client';
import { at, useList } from '../api/list';
import { PageHead } from '../ui/PageHead';
import { SessionTable } from './SessionTable';

/** Sessions that are announced, for everybody. */
export default function PublicAuctionsPage() {
  const { t } = useTranslation();
  const list = useList(['public', 'auctions'], (cursor) =>
    call(api.GET('/api/v1/public/auctions', { params: { query: { limit: 25, order: 'newest', ...at(cursor) } } })),
  );
  return (
    <>
      <PageHead title={t('auction.title')} lead={t('auction.publicLead')} />
      <SessionTable list={list} below="/public/auctions" />
    </>
  );
}
