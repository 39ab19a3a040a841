import { Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { FormAct } from '../ui/FormAct';
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
