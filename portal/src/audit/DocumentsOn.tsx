import { DownloadOutlined } from '@ant-design/icons';
import { useMutation, useQuery } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { sha256 } from '../certificates/hash';
import { secondOf } from '../figures/instant';
import { useOrganisationName } from '../parties/names';
import { Amount } from '../ui/Amount';
import { handOver } from '../ui/download';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { Somebody } from './Somebody';

type Document = Schemas['Document'];

/** Hands a document over once its content has the hash under which it was registered. */
function CheckedDownload({ document }: { document: Document }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const check = useMutation({
    mutationFn: async () => {
      const content = await call(
        api.GET('/api/v1/documents/{id}/content', { params: { path: { id: document.id } }, parseAs: 'blob' }),
      );
      const isSame = (await sha256(content)) === document.sha256;
      if (isSame) handOver(content, document.name);
      return isSame;
    },
    onError: () => void message.error(t('problem.unreachable')),
  });
  return (
    <>
      <Button size="small" icon={<DownloadOutlined />} loading={check.isPending} onClick={() => check.mutate()}>
        {t('audit.document.check')}
      </Button>
      {check.data !== undefined && (
        <div role="status">
          <span className={check.data ? 'state good' : 'state bad'}>
            {check.data ? t('audit.document.same') : t('audit.document.notSame')}
          </span>
        </div>
      )}
    </>
  );
}

/** What a document is evidence of; only told of one at a time. */
function Uses({ id }: { id: string }) {
  const { t } = useTranslation();
  const { data } = useQuery({
    queryKey: ['document', id],
    queryFn: () => call(api.GET('/api/v1/documents/{id}', { params: { path: { id } } })),
  });
  const kinds = [...new Set((data?.used ?? []).map((one) => one.subject_kind))];
  if (kinds.length === 0) return <span className="muted">—</span>;
  return kinds.map((kind) => t(`subjectKind.${kind}`, { defaultValue: kind })).join(t('shell.comma'));
}

function useColumns(): Column<Document>[] {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  return [
    {
      key: 'name',
      title: t('audit.document.name'),
      cell: (one) => (
        <>
          <b>{one.name}</b>
          <br />
          <small className="code muted">{one.sha256}</small>
        </>
      ),
    },
    {
      key: 'size',
      title: t('audit.document.size'),
      isFigure: true,
      cell: (one) => <Amount value={String(Math.ceil(one.size / 1024))} unit="KB" />,
    },
    { key: 'whose', title: t('audit.document.whose'), cell: (one) => organisationName(one.organisation) },
    {
      key: 'by',
      title: t('audit.document.by'),
      cell: (one) => (
        <>
          <Somebody id={one.uploaded_by} />
          <br />
          <small className="muted figures">{secondOf(one.uploaded_at)}</small>
        </>
      ),
    },
    { key: 'used', title: t('audit.document.used'), cell: (one) => <Uses id={one.id} /> },
    { key: 'check', title: t('act.name'), cell: (one) => <CheckedDownload document={one} /> },
  ];
}

/** Documents that prove a thing. Asked for when somebody wants to see them: whose they are learns of it. */
export function DocumentsOn({ subject }: { subject: string }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const columns = useColumns();
  const { items, ...list } = useList(
    ['documents', 'on', subject],
    (cursor) => call(api.GET('/api/v1/documents', { params: { query: { subject, limit: 50, ...at(cursor) } } })),
    isOpen,
  );
  const title = t('audit.documents');
  if (!isOpen)
    return (
      <Panel
        title={title}
        actions={
          <Button size="small" onClick={() => setOpen(true)}>
            {t('audit.document.show')}
          </Button>
        }
      >
        <p className="muted">{t('audit.documentsLead')}</p>
      </Panel>
    );
  return (
    <Panel flush title={title}>
      <Rows
        label={title}
        columns={columns}
        rows={items}
        rowKey={(one) => one.id}
        {...list}
        empty={<Nothing brief title={t('audit.noDocuments')} />}
      />
    </Panel>
  );
}
