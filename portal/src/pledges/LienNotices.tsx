import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';

type LienNotice = Schemas['LienNotice'];

interface Told extends LienNotice {
  readonly key: string;
  readonly right: string;
  readonly unit: string;
}

/** What the pledgee was told about the rights of its liens, the newest first; nothing while nothing was. */
export function LienNotices({ pledge }: { pledge: Schemas['Pledge'] }) {
  const { t } = useTranslation();
  const told: Told[] = pledge.liens
    .flatMap(({ id, notices, right_class: right, unit }) =>
      notices.map((one, at) => ({ ...one, key: `${id} ${at}`, right, unit })),
    )
    .sort((a, b) => b.given_at.localeCompare(a.given_at));
  if (told.length === 0) return null;
  const columns: Column<Told>[] = [
    { key: 'cause', title: t('lienNotice.cause'), cell: (one) => <b>{t(`lienNotice.causes.${one.cause}`)}</b> },
    { key: 'right', title: t('right.name'), cell: (one) => <RightClass code={one.right} /> },
    {
      key: 'quantity',
      title: t('field.quantity'),
      isFigure: true,
      cell: (one) => <Amount value={one.quantity} unit={one.unit} />,
    },
    { key: 'until', title: t('lienNotice.until'), cell: (one) => one.until ?? '—' },
    { key: 'given', title: t('lienNotice.givenAt'), cell: (one) => minuteOf(one.given_at) },
    {
      key: 'lapsed',
      title: t('pledge.lapsed'),
      isFigure: true,
      cell: (one) => (one.lapsed ? <Amount value={one.lapsed} unit={one.unit} /> : '—'),
    },
  ];
  return (
    <Panel flush title={t('lienNotice.title')}>
      <Rows
        label={t('lienNotice.title')}
        columns={columns}
        rows={told}
        rowKey={(one) => one.key}
        empty={<Nothing title={t('lienNotice.title')} />}
      />
    </Panel>
  );
}
