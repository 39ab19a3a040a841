import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useAreaName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';

function Liens() {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const list = useList(['public', 'liens'], (cursor) =>
    call(api.GET('/api/v1/public/liens', { params: { query: { limit: 20, ...at(cursor) } } })),
  );
  const columns: Column<Schemas['PublicLien']>[] = [
    { key: 'number', title: t('pledge.number'), cell: (lien) => <span className="code">{lien.number}</span> },
    { key: 'right', title: t('right.name'), cell: (lien) => <RightClass code={lien.right_class} /> },
    { key: 'pledgee', title: t('pledge.pledgee'), cell: (lien) => lien.pledgee },
    { key: 'area', title: t('field.area'), cell: (lien) => areaName(lien.area) },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (lien) => <Amount value={lien.quantity} unit={lien.unit} />,
    },
    {
      key: 'on',
      title: t('pledge.registeredOn'),
      isFigure: true,
      cell: (lien) => <span className="figures">{lien.registered_on}</span>,
    },
  ];
  return (
    <Panel flush title={t('disclosure.liens')}>
      <Rows
        label={t('disclosure.liens')}
        columns={columns}
        rows={list.items}
        rowKey={(lien) => `${lien.number}-${lien.right_class}-${lien.quantity}`}
        isLoading={list.isLoading}
        error={list.error}
        retry={list.retry}
        more={list.more}
        isLoadingMore={list.isLoadingMore}
        empty={<Nothing title={t('disclosure.noLiens')} />}
      />
    </Panel>
  );
}

/** What is laid open to objections now, and the liens in force. */
export default function AnnouncementsPage() {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const list = useList(['public', 'announcements'], (cursor) =>
    call(api.GET('/api/v1/public/announcements', { params: { query: { limit: 20, ...at(cursor) } } })),
  );
  const columns: Column<Schemas['PublicAnnouncement']>[] = [
    { key: 'document', title: t('field.document'), cell: (one) => one.document },
    { key: 'kind', title: t('field.kind'), cell: (one) => t(`announcement.${one.kind}`, { defaultValue: one.kind }) },
    {
      key: 'site',
      title: t('field.site'),
      cell: (one) => one.site ?? t('disclosure.grants', { count: one.allocations }),
    },
    { key: 'area', title: t('field.area'), cell: (one) => areaName(one.area) },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit ?? undefined} />,
    },
    {
      key: 'until',
      title: t('disclosure.until'),
      isFigure: true,
      cell: (one) => <span className="figures">{one.until ?? '—'}</span>,
    },
  ];
  return (
    <>
      <PageHead title={t('disclosure.announcements')} lead={t('disclosure.announcementsLead')} />
      <div className="stack">
        <Panel flush title={t('disclosure.openToObjections')}>
          <Rows
            label={t('disclosure.openToObjections')}
            columns={columns}
            rows={list.items}
            rowKey={(one) => one.id}
            isLoading={list.isLoading}
            error={list.error}
            retry={list.retry}
            more={list.more}
            isLoadingMore={list.isLoadingMore}
            empty={
              <Nothing title={t('disclosure.noAnnouncements')}>
                <p>{t('disclosure.noAnnouncementsLead')}</p>
              </Nothing>
            }
          />
        </Panel>
        <Liens />
      </div>
    </>
  );
}
