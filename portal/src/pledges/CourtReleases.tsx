import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { minuteOf } from '../figures/instant';
import { FormAct } from '../ui/FormAct';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { type Column, Rows } from '../ui/Rows';
import { LienFields } from './ChangeTerms';
import { type Filled, touched } from './touched';

type Pledge = Schemas['Pledge'];

interface Order {
  court: string;
  document: string;
  dated_on: string;
  ground: string;
  liens?: Filled;
}

/** The exchange records that a court has released a pledge; with quantities, a part of it. */
export function ReleaseByCourt({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  const needed = [{ required: true, message: t('field.needed') }];
  return (
    <FormAct<Order, Pledge>
      label={t('court.release')}
      lead={t('court.releaseLead')}
      isDanger
      fields={
        <>
          <Form.Item name="court" label={t('court.court')} rules={needed}>
            <Input autoComplete="off" maxLength={200} />
          </Form.Item>
          <Form.Item name="document" label={t('court.document')} rules={needed}>
            <Input autoComplete="off" maxLength={200} />
          </Form.Item>
          <Form.Item name="dated_on" label={t('court.datedOn')} rules={needed}>
            <Input type="date" />
          </Form.Item>
          <Form.Item name="ground" label={t('court.ground')} rules={needed}>
            <Input.TextArea rows={3} maxLength={500} />
          </Form.Item>
          <p className="muted">{t('court.partLead')}</p>
          <LienFields pledge={pledge} fields={['quantity']} />
        </>
      }
      run={({ liens, ...order }, key) =>
        call(
          api.POST('/api/v1/pledges/{id}/release-by-court', {
            params: { path: { id: pledge.id } },
            ...keyed(key),
            body: { ...order, liens: touched(pledge, liens) },
          }),
        )
      }
    />
  );
}

/** The courts' orders by which a pledge was released, whole or in part. */
export function CourtReleases({ pledge }: { pledge: Pledge }) {
  const { t } = useTranslation();
  if (pledge.court_releases.length === 0) return null;
  const columns: Column<Schemas['CourtRelease']>[] = [
    { key: 'document', title: t('court.document'), cell: (one) => <span className="code">{one.document}</span> },
    { key: 'court', title: t('court.court'), cell: (one) => one.court },
    { key: 'dated', title: t('court.datedOn'), cell: (one) => one.dated_on },
    { key: 'what', title: t('court.what'), cell: (one) => t(one.amendment ? 'court.part' : 'court.whole') },
    { key: 'ground', title: t('court.ground'), cell: (one) => one.ground },
    { key: 'recorded', title: t('court.recordedAt'), cell: (one) => minuteOf(one.recorded_at) },
  ];
  return (
    <Panel flush title={t('court.title')}>
      <Rows
        label={t('court.title')}
        columns={columns}
        rows={pledge.court_releases}
        rowKey={(one) => one.id}
        empty={<Nothing title={t('court.title')} />}
      />
    </Panel>
  );
}
