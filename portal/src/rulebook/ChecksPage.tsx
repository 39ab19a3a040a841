import { Button, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type { Schemas } from '../api/client';
import { Facts } from '../ui/Facts';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { familyOf, useChecks, useCheckText } from './useChecks';
import { useRuleName, useRuleValue } from './useRulebooks';

type Check = Schemas['Check'];

/** Which checks are shown: those that a rule switches, those of them that are off, or all. */
const kinds = ['switched', 'off', 'all'] as const;
type Kind = (typeof kinds)[number];

const isOfKind = (check: Check, kind: Kind): boolean =>
  kind === 'all' || (kind === 'off' ? !check.is_on : check.rules.length > 0);

/** More rules than this are folded, so that no check takes a screen. */
const FEW = 4;

/** The rules that a check rests on, with their values of today. */
function Rules({ rules }: { rules: readonly Schemas['Rule'][] }) {
  const { t } = useTranslation();
  const ruleName = useRuleName();
  const ruleValue = useRuleValue();
  const list = (
    <ul className="bare">
      {rules.map((rule) => (
        <li key={rule.name} title={rule.name}>
          {ruleName(rule.name)} <span className="muted figures">{ruleValue(rule.value)}</span>
        </li>
      ))}
    </ul>
  );
  if (rules.length <= FEW) return list;
  return (
    <details>
      <summary>{t('check.ruleCount', { count: rules.length })}</summary>
      {list}
    </details>
  );
}

function useColumns(): Column<Check>[] {
  const { t } = useTranslation();
  const text = useCheckText();
  return [
    {
      key: 'text',
      title: t('check.refuses'),
      cell: (one) => (
        <>
          {text(one)}
          <br />
          <small className="code muted">{one.code}</small>
        </>
      ),
    },
    { key: 'basis', title: t('rulebook.basis'), cell: (one) => one.legal_basis ?? <span className="muted">—</span> },
    {
      key: 'rules',
      title: t('check.rules'),
      cell: (one) =>
        one.rules.length === 0 ? <span className="muted">{t('check.always')}</span> : <Rules rules={one.rules} />,
    },
    {
      key: 'state',
      title: t('field.state'),
      cell: (one) => (
        <span className={one.is_on ? 'state good' : 'state over'}>{one.is_on ? t('check.on') : t('check.off')}</span>
      ),
    },
  ];
}

interface Choice {
  kind: Kind;
  family: string | undefined;
  sought: string;
}

/** Chooses from the checks. */
function Choices({
  choice,
  choose,
  checks,
}: {
  choice: Choice;
  choose: (choice: Choice) => void;
  checks: readonly Check[];
}) {
  const { t } = useTranslation();
  const families = [...new Set(checks.map((one) => familyOf(one.code)))];
  return (
    <>
      <Select<Kind>
        aria-label={t('check.kind')}
        style={{ width: 150 }}
        value={choice.kind}
        onChange={(kind) => choose({ ...choice, kind })}
        options={kinds.map((value) => ({ value, label: t(`check.kinds.${value}`) }))}
      />
      <Select
        allowClear
        aria-label={t('check.family')}
        placeholder={t('check.family')}
        style={{ width: 150 }}
        value={choice.family}
        onChange={(family) => choose({ ...choice, family })}
        options={families.map((value) => ({ value, label: t(`check.families.${value}`, { defaultValue: value }) }))}
      />
      <Input.Search
        allowClear
        aria-label={t('check.search')}
        placeholder={t('check.search')}
        style={{ width: 220 }}
        onChange={(event) => choose({ ...choice, sought: event.target.value })}
      />
    </>
  );
}

/** Every check that the register makes, what it rests on, and whether the rulebook of today switches it on. */
export default function ChecksPage() {
  const { t } = useTranslation();
  const query = useChecks();
  const text = useCheckText();
  const [choice, choose] = useState<Choice>({ kind: 'switched', family: undefined, sought: '' });
  const columns = useColumns();
  const checks = query.data ?? [];
  const isSought = (one: Check) =>
    isOfKind(one, choice.kind) &&
    (choice.family === undefined || familyOf(one.code) === choice.family) &&
    `${one.code} ${text(one)} ${one.legal_basis ?? ''}`.toLowerCase().includes(choice.sought.trim().toLowerCase());
  const found = checks.filter(isSought);
  return (
    <>
      <PageHead
        title={t('check.title')}
        lead={t('check.lead')}
        actions={
          <Link to="/rulebook">
            <Button tabIndex={-1}>{t('place.rulebook')}</Button>
          </Link>
        }
      />
      <div className="stack">
        {query.data && (
          <Panel>
            <Facts
              facts={[
                [t('check.count'), <b className="figures">{checks.length}</b>],
                [t('check.switched'), <b className="figures">{checks.filter((one) => one.rules.length > 0).length}</b>],
                [t('check.isOff'), <b className="figures">{checks.filter((one) => !one.is_on).length}</b>],
              ]}
            />
          </Panel>
        )}
        <Panel
          flush
          title={t('check.found', { count: found.length })}
          actions={<Choices choice={choice} choose={choose} checks={checks} />}
        >
          <Rows
            label={t('check.title')}
            columns={columns}
            rows={found}
            rowKey={(one) => one.code}
            isLoading={query.isPending}
            error={query.error}
            retry={() => void query.refetch()}
            empty={
              <Nothing title={t('check.none')}>
                <p>{t('check.noneLead')}</p>
              </Nothing>
            }
          />
        </Panel>
      </div>
    </>
  );
}
