import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { useDay } from './day';

type Statement = Schemas['BankStatement'];
type Match = Schemas['BankStatementMatch'];

/** Lines of the file and movements of ours that add up to the same. */
interface Group {
  readonly number: number;
  readonly way: Match['way'];
  readonly lines: number[];
  readonly journals: string[];
}

/** Matches group by group: what is not there yet comes with the next page. */
function groupsOf(matches: readonly Match[]): Group[] {
  const found = new Map<number, Group>();
  for (const { group, way, line, journal } of matches) {
    const one = found.get(group) ?? { number: group, way, lines: [], journals: [] };
    if (line !== null) one.lines.push(line);
    if (journal !== null) one.journals.push(journal);
    found.set(group, one);
  }
  return [...found.values()];
}

/** What was matched of a statement, and with which movements of ours: those are told by our own statement of that day. */
export function Matches({ statement }: { statement: Statement }) {
  const { t } = useTranslation();
  const isAuditor = hasRole(useSession(), 'auditor');
  const { day, bank } = statement;
  const ours = useDay(day, bank);
  const list = useList(['bank-statements', statement.id, 'matches'], (cursor) =>
    call(
      api.GET('/api/v1/money/bank-statements/{id}/matches', {
        params: { path: { id: statement.id }, query: { limit: 100, ...at(cursor) } },
      }),
    ),
  );
  const moved = (journal: string) => {
    const known = ours.data?.lines.find((one) => one.journal === journal);
    const reference = <span className="code">{known?.bank_reference ?? t('reconciliation.journal')}</span>;
    return (
      <div key={journal}>
        {isAuditor ? <Link to={`/audit/journals/${journal}`}>{reference}</Link> : reference}{' '}
        {known && <Amount value={known.amount} unit="CNY" />}
      </div>
    );
  };
  const columns: Column<Group>[] = [
    {
      key: 'lines',
      title: t('reconciliation.bankSide'),
      cell: (one) => one.lines.map((line) => t('reconciliation.line', { line })).join(t('shell.comma')),
    },
    { key: 'ours', title: t('reconciliation.bookSide'), cell: (one) => one.journals.map(moved) },
    { key: 'way', title: t('reconciliation.way'), cell: (one) => t(`reconciliation.ways.${one.way}`) },
  ];
  return (
    <Panel flush title={t('reconciliation.matches')}>
      <Rows
        label={t('reconciliation.matches')}
        columns={columns}
        rows={groupsOf(list.items)}
        rowKey={(one) => String(one.number)}
        isLoading={list.isLoading}
        error={list.error}
        retry={list.retry}
        more={list.more}
        isLoadingMore={list.isLoadingMore}
        empty={<Nothing brief title={t('reconciliation.noMatches')} />}
      />
    </Panel>
  );
}
