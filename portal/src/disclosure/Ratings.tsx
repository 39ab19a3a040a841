import { DownloadOutlined } from '@ant-design/icons';
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useAreaName } from '../parties/names';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';

const kinds = ['credit_rating', 'park_rating'] as const;
type Kind = (typeof kinds)[number];

/** What the levels that are told by colours mean for whoever is rated. */
const senses: Record<string, string> = { green: 'good', blue: 'good', yellow: 'waits', red: 'bad', black: 'bad' };

/** Ratings that stand, of enterprises or of parks. */
export default function Ratings() {
  const { t } = useTranslation();
  const areaName = useAreaName();
  const [kind, setKind] = useState<Kind>('credit_rating');
  const list = useList(['public', 'ratings', kind], (cursor) =>
    call(api.GET('/api/v1/public/ratings', { params: { query: { kind, limit: 50, order: 'newest', ...at(cursor) } } })),
  );
  const columns: Column<Schemas['PublicRating']>[] = [
    {
      key: 'name',
      title: kind === 'credit_rating' ? t('rating.enterprise') : t('rating.park'),
      cell: (one) => <b>{one.name}</b>,
    },
    { key: 'area', title: t('field.area'), cell: (one) => areaName(one.area) },
    { key: 'period', title: t('rating.period'), cell: (one) => <span className="figures">{one.period}</span> },
    {
      key: 'level',
      title: t('rating.level'),
      cell: (one) => (
        <span className={`state ${senses[one.level] ?? 'over'}`}>
          {t(`rating.levels.${one.level}`, { defaultValue: one.level })}
        </span>
      ),
    },
    { key: 'source', title: t('field.document'), cell: (one) => one.source },
  ];
  return (
    <ListPanel
      title={t(`rating.kinds.${kind}`)}
      list={list}
      columns={columns}
      actions={
        <>
          <Segmented<Kind>
            value={kind}
            onChange={setKind}
            options={kinds.map((value) => ({ value, label: t(`rating.kinds.${value}`) }))}
          />
          <Button
            icon={<DownloadOutlined />}
            href={`/api/v1/public/ratings?kind=${kind}&format=csv&limit=200`}
            download
          >
            {t('act.csv')}
          </Button>
        </>
      }
      none={t('rating.none')}
      noneLead={t('rating.noneLead')}
    />
  );
}
