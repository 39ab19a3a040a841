import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { secondOf } from '../figures/instant';
import { ProofOf } from '../log/ProofOf';
import { Loading } from '../ui/Loading';
import { Nothing } from '../ui/Nothing';
import { PageHead } from '../ui/PageHead';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Column, Rows } from '../ui/Rows';
import { canonical, changed, readColumns, tables, type Value } from './record';

type Version = Schemas['EvidenceRecord'];

interface Row {
  table: string;
  key: string;
}

/** A value of a row; of a secret only its hash is known. */
function Shown({ name, value }: { name: string; value: Value | undefined }) {
  const { t } = useTranslation();
  if (value === undefined || value.kind === 'absent') return <span className="muted">—</span>;
  if (value.kind === 'secret')
    return (
      <span className="muted" title={value.text}>
        {t('record.secret')}
      </span>
    );
  if (name.endsWith('_at') && value.kind === 'plain')
    return (
      <span className="figures" title={value.text}>
        {secondOf(new Date(Number(value.text) / 1000).toISOString())}
      </span>
    );
  return <span className="code">{value.text === '' ? '""' : value.text}</span>;
}

/** One version: what it changed, and that it is in the log. */
function OneVersion({ row, version, before }: { row: Row; version: Version; before: Version | undefined }) {
  const { t } = useTranslation();
  const [isProved, prove] = useState(false);
  const after = readColumns(version.content);
  const earlier = before && readColumns(before.content);
  const names = changed(earlier, after).map((name) => ({ name }));
  const columns: Column<{ name: string }>[] = [
    { key: 'column', title: t('record.column'), cell: (one) => <span className="code">{one.name}</span>, width: 220 },
  ];
  if (earlier)
    columns.push({
      key: 'was',
      title: t('record.was'),
      cell: (one) => <Shown name={one.name} value={earlier.get(one.name)} />,
    });
  columns.push({
    key: 'is',
    title: earlier ? t('record.becomes') : t('record.value'),
    cell: (one) => <Shown name={one.name} value={after.get(one.name)} />,
  });
  const title = t('record.version', { version: version.version, instant: secondOf(version.recorded_at) });
  return (
    <Panel
      flush
      title={title}
      actions={
        <Button size="small" disabled={isProved} onClick={() => prove(true)}>
          {t('record.prove')}
        </Button>
      }
    >
      <Rows label={title} columns={columns} rows={names} rowKey={(one) => one.name} empty={null} />
      {isProved && (
        <div className="inside">
          <ProofOf text={canonical({ ...row, version })} told={version.leaf_hash} names={`id ${version.id}`} />
        </div>
      )}
    </Panel>
  );
}

/** Every version of one row, the last one first. */
function Versions({ row }: { row: Row }) {
  const { t } = useTranslation();
  const list = useList(['records', row.table, row.key], (cursor) =>
    call(api.GET('/api/v1/audit/records', { params: { query: { ...row, limit: 200, ...at(cursor) } } })),
  );
  if (list.isLoading) return <Loading />;
  if (list.error && list.items.length === 0) return <Refusal error={list.error} retry={list.retry} />;
  if (list.items.length === 0)
    return (
      <Nothing title={t('record.none')}>
        <p>{t('record.noneLead')}</p>
      </Nothing>
    );
  return (
    <>
      {list.items
        .map((version, place) => (
          <OneVersion key={version.id} row={row} version={version} before={list.items[place - 1]} />
        ))
        .reverse()}
      {list.more && (
        <div className="more">
          <Button onClick={list.more} loading={list.isLoadingMore}>
            {t('act.more')}
          </Button>
        </div>
      )}
    </>
  );
}

/** Which row is looked at. */
function Search({ row, look }: { row: Partial<Row>; look: (row: Row) => void }) {
  const { t } = useTranslation();
  const kinds = Object.entries(tables);
  // A link may lead to a table that no kind of thing stands in.
  const known = row.table === undefined || kinds.some(([, table]) => table === row.table);
  return (
    <Form<Row>
      layout="vertical"
      requiredMark={false}
      initialValues={row}
      onFinish={(given) => look({ table: given.table, key: given.key.trim() })}
    >
      <div className="actions bottom">
        <Form.Item
          name="table"
          label={t('record.table')}
          style={{ width: 240, marginBlockEnd: 0 }}
          rules={[{ required: true, message: t('field.needed') }]}
        >
          <Select
            showSearch={{ optionFilterProp: 'label' }}
            options={[
              ...(known ? [] : [{ value: row.table ?? '', label: row.table ?? '' }]),
              ...kinds.map(([kind, value]) => ({ value, label: `${t(`subjectKind.${kind}`)} · ${value}` })),
            ]}
          />
        </Form.Item>
        <Form.Item
          name="key"
          label={t('record.key')}
          style={{ flex: '1 1 300px', marginBlockEnd: 0 }}
          rules={[{ required: true, whitespace: true, message: t('field.needed') }]}
        >
          <Input className="code" autoComplete="off" />
        </Form.Item>
        <Button type="primary" htmlType="submit">
          {t('act.find')}
        </Button>
      </div>
    </Form>
  );
}

/** The evidence of one row: what stood in it at each of its versions, what each has changed, and its proof. */
export default function RecordsPage() {
  const { t } = useTranslation();
  const [parameters, setParameters] = useSearchParams();
  const [table, key] = ['table', 'key'].map((name) => parameters.get(name) ?? undefined);
  const row = { ...(table !== undefined && { table }), ...(key !== undefined && { key }) };
  return (
    <>
      <PageHead title={t('place.records')} lead={t('record.lead')} />
      <div className="stack">
        <Panel>
          <Search key={`${table} ${key}`} row={row} look={(wanted) => setParameters({ ...wanted })} />
        </Panel>
        {table !== undefined && key !== undefined ? (
          <Versions row={{ table, key }} />
        ) : (
          <Nothing title={t('record.choose')}>
            <p>{t('record.chooseLead')}</p>
          </Nothing>
        )}
      </div>
    </>
  );
}
