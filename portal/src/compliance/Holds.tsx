import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useSiteName } from '../parties/names';
import { Act } from '../ui/Act';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';

type Hold = Schemas['DischargeHold'];

/** Totals of monitors that nobody believes, and that wait for the bureau; nothing where there is none. */
export function Holds({ mayClose }: { mayClose: boolean }) {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const { items, ...list } = useList(['discharge-holds'], (cursor) =>
    call(api.GET('/api/v1/discharge-holds', { params: { query: { state: 'open', limit: 25, ...at(cursor) } } })),
  );
  const columns: Column<Hold>[] = [
    { key: 'site', title: t('field.site'), cell: (one) => <b>{siteName(one.site)}</b> },
    { key: 'day', title: t('hold.day'), cell: (one) => <span className="figures">{one.day}</span> },
    { key: 'pollutant', title: t('field.pollutant'), cell: (one) => t(`pollutant.${one.pollutant}`) },
    { key: 'mass', title: t('hold.mass'), isFigure: true, cell: (one) => <span className="figures">{one.mass}</span> },
    { key: 'reason', title: t('field.reason'), cell: (one) => t(`hold.reasons.${one.reason}`) },
    ...(mayClose
      ? [
          {
            key: 'acts',
            title: t('act.name'),
            cell: (one: Hold) => (
              <Act
                label={t('hold.close')}
                size="small"
                reason="needed"
                run={(reason, key) =>
                  call(
                    api.POST('/api/v1/discharge-holds/{id}/close', {
                      params: { path: { id: one.id } },
                      ...keyed(key),
                      body: { reason: reason ?? '' },
                    }),
                  )
                }
              >
                {t('hold.closeLead')}
              </Act>
            ),
          },
        ]
      : []),
  ];
  if (items.length === 0) return null;
  return (
    <Panel flush title={t('hold.title')}>
      <Rows label={t('hold.title')} columns={columns} rows={items} rowKey={(one) => one.id} {...list} empty={null} />
    </Panel>
  );
}
