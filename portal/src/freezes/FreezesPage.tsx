import { Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, call } from '../api/client';
import { at, useList } from '../api/list';
import { hasRole } from '../session/roles';
import { useSession } from '../session/session';
import { ListPanel } from '../ui/ListPanel';
import { PageHead } from '../ui/PageHead';
import { StateChoice } from '../ui/StateChoice';
import { useFreezeColumns } from './columns';
import { RecordFreeze } from './RecordFreeze';

const states = ['waiting', 'in_force', 'lifted', 'executed'] as const;

/** What courts have ordered frozen, as far as one may see it. */
export default function FreezesPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const mayRecord = hasRole(useSession(), 'exchange_officer');
  const [state, setState] = useState<string>();
  const [document, setDocument] = useState('');
  const columns = useFreezeColumns();
  const wanted = { ...(state !== undefined && { state }), ...(document !== '' && { document }) };
  const list = useList(['freezes', wanted], (cursor) =>
    call(api.GET('/api/v1/freezes', { params: { query: { limit: 25, order: 'newest', ...wanted, ...at(cursor) } } })),
  );
  return (
    <>
      <PageHead
        title={t('freeze.title')}
        lead={t('freeze.lead')}
        {...(mayRecord && { actions: <RecordFreeze done={(freeze) => void navigate(`/freezes/${freeze.id}`)} /> })}
      />
      <ListPanel
        title={t('freeze.all')}
        list={list}
        columns={columns}
        actions={
          <>
            <Input.Search
              allowClear
              aria-label={t('freeze.document')}
              placeholder={t('freeze.findDocument')}
              style={{ width: 220 }}
              onSearch={(text) => setDocument(text.trim())}
            />
            <StateChoice states={states} word={(one) => t(`freeze.states.${one}`)} value={state} choose={setState} />
          </>
        }
        none={t('freeze.none')}
        noneLead={t('freeze.noneLead')}
      />
    </>
  );
}
