import { Button, Modal, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useSiteName } from '../parties/names';
import { Nothing } from '../ui/Nothing';
import { type Column, Rows } from '../ui/Rows';

/** The projects with what tells them apart to whoever may not see them. */
function Projects() {
  const { t } = useTranslation();
  const siteName = useSiteName();
  const { items, ...list } = useList(['projects', 'own'], (cursor) =>
    call(api.GET('/api/v1/projects', { params: { query: { limit: 50, ...at(cursor) } } })),
  );
  const columns: Column<Schemas['Project']>[] = [
    {
      key: 'number',
      title: t('market.project'),
      cell: (one) => (
        <>
          <b>{one.number}</b>
          <br />
          <small className="muted">
            {siteName(one.site)} · {one.document}
          </small>
        </>
      ),
    },
    {
      key: 'id',
      title: t('sale.identifier'),
      cell: (one) => (
        <Typography.Text code copyable={{ tooltips: [t('secret.copy'), t('secret.copied')] }}>
          {one.id}
        </Typography.Text>
      ),
    },
  ];
  return (
    <Rows
      label={t('sale.projects')}
      columns={columns}
      rows={items}
      rowKey={(one) => one.id}
      {...list}
      empty={<Nothing brief title={t('sale.noProjects')} />}
    />
  );
}

/** What an enterprise tells whoever is to sell it pledged rights: its projects, which nobody else sees. */
export function OwnProjects() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t('sale.projects')}
      </Button>
      {isOpen && (
        <Modal open title={t('sale.projects')} width={760} footer={null} onCancel={() => setOpen(false)}>
          <div className="stack">
            <p className="muted">{t('sale.projectsLead')}</p>
            <Projects />
          </div>
        </Modal>
      )}
    </>
  );
}
