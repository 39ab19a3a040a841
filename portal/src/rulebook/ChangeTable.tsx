import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { type Column, Rows } from '../ui/Rows';
import { useRuleName, useRuleValue } from './useRulebooks';

type Change = Schemas['ChangeRule'];

/** What a version changes of the one before it: each rule with what it was and what it becomes. */
export function ChangeTable({ changes, before }: { changes: readonly Change[]; before: readonly Schemas['Rule'][] }) {
  const { t } = useTranslation();
  const ruleName = useRuleName();
  const ruleValue = useRuleValue();
  const columns: Column<Change>[] = [
    {
      key: 'rule',
      title: t('rulebook.rule'),
      cell: (one) => (
        <>
          <b>{ruleName(one.name)}</b>
          <br />
          <small className="muted">{one.legal_basis}</small>
        </>
      ),
    },
    {
      key: 'was',
      title: t('rulebook.was'),
      isFigure: true,
      cell: (one) => <s className="muted">{ruleValue(before.find((rule) => rule.name === one.name)?.value)}</s>,
    },
    {
      key: 'becomes',
      title: t('rulebook.becomes'),
      isFigure: true,
      cell: (one) => <b className="figures">{ruleValue(one.value)}</b>,
    },
  ];
  return (
    <Rows
      label={t('rulebook.changes')}
      columns={columns}
      rows={changes}
      rowKey={(one) => one.name}
      empty={<p className="muted">{t('rulebook.noChanges')}</p>}
    />
  );
}
