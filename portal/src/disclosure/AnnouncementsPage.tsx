import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { withWords } from '../i18n/areas';
import { useAreaName } from '../parties/names';
import { hasRole } from '../session/roles';
import { useIsKnown, useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';

// Most who read what is laid open object to none of it.
const RaiseObjection = lazy(withWords('objections', () => import('../objections/RaiseObjection')));

type Announcement = Schemas['PublicAnnouncement'];

/** What is laid open to objections; of the rest, it is on sale or bid for. */
const objectionable = ['allocation', 'allocation_batch', 'trade'] as const;
const laidOpen = (kind: string) => objectionable.find((one) => one === kind);

/** What it is about: the site and the right of a grant, who trades what, or how many grants a batch has. */
function What({ one }: { one: Announcement }) {
  const { t } = useTranslation();
  const parties = [one.site, one.seller, one.buyer].filter((name) => typeof name === 'string');
  if (one.kind === 'allocation_batch') return t('disclosure.grants', { count: one.allocations });
  if (parties.length === 0 && !one.right_class) return '—';
  return (
    <>
      {parties.join(' → ')}
      {one.right_class && (
        <div>
          <RightClass code={one.right_class} />
        </div>
      )}
    </>
  );
}

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
  const session = useSession();
  // A visitor may be somebody who takes part: they are shown the way in.
  const mayObject = useIsKnown() && (session === undefined || hasRole(session, 'enterprise_trader'));
  const objecting: Column<Announcement> = {
    key: 'object',
    title: t('act.name'),
    cell: (one) => {
      const kind = laidOpen(one.kind);
      return kind === undefined ? (
        '—'
      ) : (
        <Suspense>
          <RaiseObjection subject={one.id} subject_kind={kind} />
        </Suspense>
      );
    },
  };
  const columns: Column<Announcement>[] = [
    { key: 'document', title: t('field.document'), cell: (one) => one.document || '—' },
    { key: 'kind', title: t('field.kind'), cell: (one) => t(`announcement.${one.kind}`, { defaultValue: one.kind }) },
    { key: 'what', title: t('disclosure.what'), cell: (one) => <What one={one} /> },
    { key: 'area', title: t('field.area'), cell: (one) => (one.area ? areaName(one.area) : '—') },
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
    ...(mayObject ? [objecting] : []),
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
