import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, type Schemas } from '../api/client';
import { at, useList } from '../api/list';
import { useRightActColumns } from '../reserve/RightActs';
import { ListPanel } from '../ui/ListPanel';
import { StateChoice } from '../ui/StateChoice';

const kinds: Schemas['RightAct']['kind'][] = [
  'surrender',
  'renewal',
  'variation',
  'expiry',
  'take_back',
  'buy_back',
  'set_aside',
];
const states: Schemas['RightAct']['state'][] = [
  'proposed',
  'agreed',
  'approved',
  'carried_out',
  'refused',
  'withdrawn',
];

/** Acts on the rights of an enterprise, or in the area of a bureau, with where each stands and what may be done about it. */
export default function RightActList() {
  const { t } = useTranslation();
  const [kind, setKind] = useState<string>();
  const [state, setState] = useState<string>();
  const columns = useRightActColumns();
  const query = { ...(kind !== undefined && { kind }), ...(state !== undefined && { state }) };
  const list = useList(['right-acts', query], (cursor) =>
    call(api.GET('/api/v1/right-acts', { params: { query: { limit: 25, order: 'newest', ...query, ...at(cursor) } } })),
  );
  return (
    <ListPanel
      title={t('rightAct.title')}
      list={list}
      columns={columns}
      actions={
        <>
          <Select
            allowClear
            placeholder={t('tenure.anyKind')}
            aria-label={t('field.kind')}
            value={kind}
            onChange={setKind}
            style={{ width: 130 }}
            options={kinds.map((value) => ({ value, label: t(`rightAct.kinds.${value}`) }))}
          />
          <StateChoice states={states} word={(one) => t(`rightAct.states.${one}`)} value={state} choose={setState} />
        </>
      }
      none={t('tenure.none')}
      noneLead={t('tenure.noneLead')}
    />
  );
}
