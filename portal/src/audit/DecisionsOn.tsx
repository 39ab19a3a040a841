import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { minuteOf } from '../figures/instant';
import { ListPanel } from '../ui/ListPanel';
import type { Column } from '../ui/Rows';
import { State } from '../ui/State';
import { Somebody } from './Somebody';

type Decision = Schemas['Decision'];

/** Decisions on one thing: who proposed, who decided, why, and how it came out. */
export function DecisionsOn({ subject }: { subject: string }) {
  const { t } = useTranslation();
  const list = useList(['decisions', 'on', subject], (cursor) =>
    call(api.GET('/api/v1/decisions', { params: { query: { subject, limit: 20, ...at(cursor) } } })),
  );
  const columns: Column<Decision>[] = [
    {
      key: 'act',
      title: t('decision.what'),
      cell: (one) => (
        <>
          <b>{t(`actOf.${one.act}`, { defaultValue: one.act })}</b>
          <br />
          <small className="muted figures">{minuteOf(one.decided_at ?? one.recorded_at)}</small>
        </>
      ),
    },
    { key: 'proposed', title: t('audit.proposer'), cell: (one) => <Somebody id={one.proposed_by} /> },
    {
      key: 'decided',
      title: t('audit.decider'),
      cell: (one) => (one.decided_by === null ? '—' : <Somebody id={one.decided_by} />),
    },
    { key: 'reason', title: t('field.reason'), cell: (one) => one.reason ?? '—' },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => <State state={one.outcome ?? one.state} word={t(`decision.states.${one.state}`)} />,
    },
  ];
  return <ListPanel title={t('audit.decisions')} list={list} columns={columns} none={t('decision.none')} />;
}
