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
import { Proposals } from './Proposals';
import { useCurrentRulebook, useMayAdopt, useRulebooks } from './useRulebooks';

/** The rules of the market by version: what each is, and what it rests on. */
export default function RulebookPage() {
  const { t } = useTranslation();
  const [chosen, choose] = useState<string>();
  const [sought, seek] = useState('');
  const current = useCurrentRulebook();
  const versions = useRulebooks();
  const mayAdopt = useMayAdopt();
  const rulebook = versions.data?.find((one) => one.id === chosen) ?? current.data;
  const name = (rule: Schemas['Rule']) => t(`rule.${rule.name}`, { defaultValue: rule.name });
  const rules =
    rulebook?.rules.filter((rule) => `${name(rule)} ${rule.name}`.toLowerCase().includes(sought.toLowerCase())) ?? [];
  const columns: Column<Schemas['Rule']>[] = [
    {
      key: 'name',
      title: t('rulebook.rule'),
      cell: (one) => (
        <>
          <b>{name(one)}</b>
          <br />
          <small className="code muted">{one.name}</small>
        </>
      ),
    },
    {
      key: 'value',
      title: t('rulebook.value'),
      isFigure: true,
      cell: (one) =>
        one.value === null ? (
          <span className="state over">{t('rulebook.off')}</span>
        ) : (
          <span className="figures">{t(`rulebook.values.${one.value}`, { defaultValue: one.value })}</span>
        ),
    },
    { key: 'basis', title: t('rulebook.basis'), cell: (one) => one.legal_basis ?? <span className="muted">—</span> },
  ];
  return (
    <>
      <PageHead
        title={t('rulebook.title')}
        lead={t('rulebook.lead')}
        actions={
          <>
            <Select
              aria-label={t('rulebook.version')}
              style={{ width: 240 }}
              value={rulebook?.id}
              onChange={choose}
              options={
                versions.data?.map((one) => ({
                  value: one.id,
                  label: t('rulebook.versionFrom', { version: one.version, from: one.effective_from }),
                })) ?? []
              }
            />
            <Link to="/rulebook/checks">
              <Button tabIndex={-1}>{t('rulebook.checks')}</Button>
            </Link>
            {mayAdopt && (
              <Link to="/rulebook/edit">
                <Button type="primary" tabIndex={-1}>
                  {t('rulebook.edit')}
                </Button>
              </Link>
            )}
          </>
        }
      />
      <div className="stack">
        <Proposals />
        {rulebook && (
          <Panel>
            <Facts
              facts={[
                [t('rulebook.jurisdiction'), rulebook.jurisdiction],
                [t('rulebook.version'), rulebook.version],
                [t('rulebook.from'), rulebook.effective_from],
                [
                  t('rulebook.known'),
                  t('rulebook.knownOf', {
                    known: rulebook.rules.filter((one) => one.value).length,
                    all: rulebook.rules.length,
                  }),
                ],
              ]}
            />
          </Panel>
        )}
        <Panel
          flush
          title={t('rulebook.rules')}
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
            rows={rules}
            rowKey={(one) => one.name}
            isLoading={current.isPending}
            error={current.error}
            retry={() => void current.refetch()}
            empty={<Nothing title={t('rulebook.none')} />}
          />
        </Panel>
      </div>
    </>
  );
}
