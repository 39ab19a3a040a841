import { useQuery } from '@tanstack/react-query';
import { Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { compare } from '../figures/decimal';
import { secondOf } from '../figures/instant';
import { Amount } from '../ui/Amount';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Refusal } from '../ui/Refusal';
import { RightClass } from '../ui/RightClass';
import { type Column, Rows } from '../ui/Rows';
import { inName, useAsOf, withAsOf } from './asOf';
import { AsOfChoice } from './AsOfChoice';
import { ExportButton } from './ExportButton';

/** One asset: what stands for each purpose, and that it comes to nothing in all. */
function Asset({ asset, asOf }: { asset: Schemas['TrialAsset']; asOf: string | undefined }) {
  const { t } = useTranslation();
  const columns: Column<Schemas['TrialPurpose']>[] = [
    {
      key: 'purpose',
      title: t('audit.purpose'),
      cell: (one) => (
        <Link to={withAsOf('/audit/balances', asOf, { asset: asset.asset, purpose: one.purpose })}>
          {t(`purpose.${one.purpose}`, { defaultValue: one.purpose })}
        </Link>
      ),
    },
    {
      key: 'debit',
      title: t('audit.debit'),
      isFigure: true,
      cell: (one) =>
        compare(one.balance, '0') < 0 ? <Amount value={one.balance.replace('-', '')} unit={asset.unit} /> : '',
    },
    {
      key: 'credit',
      title: t('audit.credit'),
      isFigure: true,
      cell: (one) => (compare(one.balance, '0') >= 0 ? <Amount value={one.balance} unit={asset.unit} /> : ''),
    },
  ];
  return (
    <section className="panel">
      <header>
        <h2>
          <RightClass code={asset.asset} />
        </h2>
        <span className={compare(asset.total, '0') === 0 ? 'state good' : 'state bad'}>
          {t('audit.total')} <Amount value={asset.total} unit={asset.unit} />
        </span>
      </header>
      <Rows
        label={asset.asset}
        columns={columns}
        rows={asset.lines}
        rowKey={(one) => one.purpose}
        empty={<Nothing title={t('audit.noLines')} />}
      />
    </section>
  );
}

/** The whole trial balance as a file, whatever of it is shown. */
function ExportTrial({ trial }: { trial: Schemas['TrialBalance'] }) {
  const { t } = useTranslation();
  const heads = ['statements.asset', 'audit.kind', 'audit.purpose', 'audit.balance', 'audit.unit', 'audit.asOf'];
  const lines = trial.assets.flatMap((asset) =>
    asset.lines.map((one) => [asset.asset, asset.kind, one.purpose, one.balance, asset.unit, secondOf(trial.as_of)]),
  );
  return (
    <ExportButton
      name={`trial-balance-${inName(trial.as_of)}.csv`}
      heads={heads.map((one) => t(one))}
      lines={() => Promise.resolve(lines)}
    />
  );
}

/** Rights first, then money, then what bounds the rights. */
const kinds = ['right', 'money', 'capacity'];
const byKind = (a: Schemas['TrialAsset'], b: Schemas['TrialAsset']) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind);

/** How many assets are shown at first. */
const FIRST = 8;

/** The trial balance of the whole book, now or as it stood at any instant. */
export default function TrialBalancePage() {
  const { t } = useTranslation();
  const { asOf, choose } = useAsOf();
  const [kind, setKind] = useState<string>();
  const [sought, seek] = useState('');
  const [isAll, showAll] = useState(false);
  const query = useQuery({
    queryKey: ['trial-balance', asOf],
    queryFn: () =>
      call(api.GET('/api/v1/audit/trial-balance', { params: { query: asOf === undefined ? {} : { as_of: asOf } } })),
  });
  const isSought = (one: Schemas['TrialAsset']) =>
    (kind === undefined || one.kind === kind) && one.asset.toLowerCase().includes(sought.toLowerCase());
  const assets = (query.data?.assets ?? []).filter(isSought).sort(byKind);
  const shown = isAll ? assets : assets.slice(0, FIRST);
  return (
    <>
      <PageHead
        title={t('audit.trialBalance')}
        lead={t('audit.trialBalanceLead')}
        actions={query.data && <ExportTrial trial={query.data} />}
      />
      <div className="stack">
        <div className="actions bottom">
          <AsOfChoice asOf={asOf} choose={choose} />
        </div>
        <div className="actions">
          <Select
            allowClear
            aria-label={t('audit.kind')}
            placeholder={t('audit.kind')}
            style={{ width: 160 }}
            value={kind}
            onChange={setKind}
            options={kinds.map((value) => ({
              value,
              label: t(`audit.kinds.${value}`),
            }))}
          />
          <Input.Search
            allowClear
            aria-label={t('audit.search')}
            placeholder={t('audit.search')}
            style={{ width: 220 }}
            onChange={(event) => seek(event.target.value)}
          />
        </div>
        <Refusal error={query.error} retry={() => void query.refetch()} />
        {query.isPending && <Loading />}
        {query.data && (
          <div className={query.data.is_balanced ? 'notice fine' : 'notice'} role="status">
            <h3>{query.data.is_balanced ? t('audit.balanced') : t('audit.notBalanced')}</h3>
            <p>{t('audit.standsFor', { instant: secondOf(query.data.as_of), count: query.data.assets.length })}</p>
          </div>
        )}
        {shown.map((asset) => (
          <Asset key={asset.asset} asset={asset} asOf={asOf} />
        ))}
        {assets.length > shown.length && (
          <div className="more">
            <button type="button" className="plain" onClick={() => showAll(true)}>
              {t('audit.showAll', { count: assets.length })}
            </button>
          </div>
        )}
      </div>
    </>
  );
}
