import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { language } from '../i18n/language';
import { Amount } from '../ui/Amount';
import { DownloadButton } from '../ui/DownloadButton';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';

type Idle = Schemas['IdleRights'];

/** What a download is called. */
const FILE = 'idle-rights.csv';

/** What the report says of itself: that no rule calls anything idle. */
function Warning() {
  const { data } = useQuery({
    queryKey: ['idle-rights', 'warning'],
    queryFn: () => call(api.GET('/api/v1/idle-rights', { params: { query: { limit: 1 } } })),
  });
  if (!data?.warning) return null;
  return <p className="remark muted">{language() === 'zh' ? data.warning.zh : data.warning.en}</p>;
}

/** Rights that stand above what their site uses, and for how long. */
export function IdleRights() {
  const { t } = useTranslation();
  const { items, ...list } = useList(['idle-rights'], (cursor) =>
    call(api.GET('/api/v1/idle-rights', { params: { query: { limit: 25, ...at(cursor) } } })),
  );
  const columns: Column<Idle>[] = [
    { key: 'site', title: t('field.site'), cell: (one) => <b>{one.site_name}</b> },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right_class} /> },
    {
      key: 'held',
      title: t('holdings.held'),
      isFigure: true,
      cell: (one) => <Amount value={one.held} unit={one.unit} />,
    },
    {
      key: 'used',
      title: t('idle.used'),
      isFigure: true,
      cell: (one) => (
        <>
          <Amount value={one.used} unit={one.unit} />
          <br />
          <small className="muted">{t(`idle.by.${one.used_by}`)}</small>
        </>
      ),
    },
    {
      key: 'unused',
      title: t('idle.unused'),
      isFigure: true,
      cell: (one) => <Amount value={one.unused} unit={one.unit} />,
    },
    { key: 'idle', title: t('idle.idle'), isFigure: true, cell: (one) => <Amount value={one.idle} unit={one.unit} /> },
    {
      key: 'since',
      title: t('idle.since'),
      isFigure: true,
      cell: (one) => (
        <span className="figures">
          {one.layers[0]?.since ?? '—'}
          <br />
          <small className="muted">{one.layers[0] && t('idle.days', { count: one.layers[0].days })}</small>
        </span>
      ),
    },
  ];
  return (
    <Panel
      flush
      title={t('idle.title')}
      actions={<DownloadButton size="small" label={t('act.csv')} path="/api/v1/idle-rights?format=csv" name={FILE} />}
    >
      <Rows
        label={t('idle.title')}
        columns={columns}
        rows={items}
        rowKey={(one) => one.site + one.right_class}
        {...list}
        empty={
          <Nothing brief title={t('idle.none')}>
            <p>{t('idle.noneLead')}</p>
          </Nothing>
        }
      />
      <Warning />
    </Panel>
  );
}
