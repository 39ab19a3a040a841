import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { daysLater } from '../figures/instant';
import { useToday } from '../session/installation';
import { Act } from '../ui/Act';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';
import { ChangeTable } from './ChangeTable';
import { appliesOn, changesOf, type Draft, draftOf } from './changes';
import { useRuleName, useRulebooks, useRuleValue } from './useRulebooks';

/** Rules that are a switch and no figure. */
const isSwitch = (rule: Schemas['Rule']): boolean =>
  rule.name.startsWith('four_eyes_') || rule.value === 'on' || rule.value === 'off';

interface FieldProps {
  rule: Schemas['Rule'];
  draft: Draft;
  write: (draft: Draft) => void;
}

/** The value that a rule is to have. */
function ValueField({ rule, draft, write }: FieldProps) {
  const { t } = useTranslation();
  const ruleName = useRuleName();
  const ruleValue = useRuleValue();
  const label = t('rulebook.newValueOf', { rule: ruleName(rule.name) });
  if (isSwitch(rule)) {
    return (
      <Select
        aria-label={label}
        value={draft.value}
        onChange={(value: string) => write({ ...draft, value })}
        style={{ width: 150 }}
        options={['on', 'off', ''].map((value) => ({ value, label: ruleValue(value) }))}
      />
    );
  }
  return (
    <Input
      aria-label={label}
      value={draft.value}
      placeholder={t('rulebook.off')}
      autoComplete="off"
      onChange={(event) => write({ ...draft, value: event.target.value })}
      style={{ maxWidth: 180 }}
    />
  );
}

function BasisField({ rule, draft, write }: FieldProps) {
  const { t } = useTranslation();
  const ruleName = useRuleName();
  return (
    <Input
      aria-label={t('rulebook.basisOf', { rule: ruleName(rule.name) })}
      value={draft.basis}
      autoComplete="off"
      onChange={(event) => write({ ...draft, basis: event.target.value })}
    />
  );
}

interface EditorProps {
  versions: Schemas['Rulebook'][];
  today: string;
}

/** The next version as a table to write in; what it changes is shown before it is proposed. */
function Editor({ versions, today }: EditorProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const ruleName = useRuleName();
  const ruleValue = useRuleValue();
  const [from, setFrom] = useState(daysLater(today, 1));
  const [drafts, setDrafts] = useState<ReadonlyMap<string, Draft>>(new Map());
  const [sought, seek] = useState('');
  const before = appliesOn(versions, from);
  const rules = before?.rules ?? [];
  const changes = changesOf(rules, drafts);
  const changed = new Set(changes.map((one) => one.name));
  const fields = (rule: Schemas['Rule']): FieldProps => ({
    rule,
    draft: drafts.get(rule.name) ?? draftOf(rule),
    write: (draft) => setDrafts((all) => new Map(all).set(rule.name, draft)),
  });
  const columns: Column<Schemas['Rule']>[] = [
    {
      key: 'rule',
      title: t('rulebook.rule'),
      cell: (one) => (
        <>
          <b className={changed.has(one.name) ? 'changed' : ''}>{ruleName(one.name)}</b>
          <br />
          <small className="code muted">{one.name}</small>
        </>
      ),
    },
    {
      key: 'now',
      title: t('rulebook.was'),
      isFigure: true,
      cell: (one) => <span className="figures">{ruleValue(one.value)}</span>,
    },
    { key: 'value', title: t('rulebook.becomes'), cell: (one) => <ValueField {...fields(one)} />, width: 200 },
    { key: 'basis', title: t('rulebook.basis'), cell: (one) => <BasisField {...fields(one)} /> },
  ];
  return (
    <>
      <PageHead
        title={t('rulebook.edit')}
        lead={t('rulebook.editLead')}
        actions={
          <>
            <Input
              type="date"
              aria-label={t('rulebook.from')}
              value={from}
              min={today}
              onChange={(event) => setFrom(event.target.value)}
              style={{ width: 160 }}
            />
            {changes.length > 0 && (
              <Act
                label={t('rulebook.propose', { count: changes.length })}
                kind="primary"
                run={(_, key) =>
                  call(
                    api.POST('/api/v1/rulebooks', {
                      headers: { ...keyed(key).headers, ...(before && { 'If-Match': `"${before.version}"` }) },
                      body: { effective_from: from, rules: changes },
                    }),
                  )
                }
                done={() => void navigate('/rulebook')}
              >
                <p className="muted">{t('rulebook.proposeLead', { from })}</p>
                <ChangeTable changes={changes} before={rules} />
              </Act>
            )}
          </>
        }
      />
      <Panel
        flush
        title={t('rulebook.basedOn', { version: before?.version ?? '—' })}
        actions={
          <Input.Search
            allowClear
            aria-label={t('rulebook.search')}
            placeholder={t('rulebook.search')}
            onChange={(event) => seek(event.target.value)}
            style={{ width: 220 }}
          />
        }
      >
        <Rows
          label={t('rulebook.rules')}
          columns={columns}
          rows={rules.filter((one) => `${ruleName(one.name)} ${one.name}`.toLowerCase().includes(sought.toLowerCase()))}
          rowKey={(one) => one.name}
          empty={<Nothing title={t('rulebook.none')} />}
        />
      </Panel>
    </>
  );
}

/** Writing the next version of the rulebook, for a second person to adopt. */
export default function RulebookEditPage() {
  const versions = useRulebooks();
  const today = useToday();
  if (versions.isLoadingError) return <Refusal error={versions.error} retry={() => void versions.refetch()} />;
  if (versions.data === undefined || today === undefined) return <Loading />;
  return <Editor versions={versions.data} today={today} />;
}
