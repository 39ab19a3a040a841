import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { FormAct } from '../ui/FormAct';

interface Lacking {
  points: string[];
  days?: string;
}

/** So many points one notice has at most. */
const MOST_POINTS = 50;

/** What is lacking, point by point. */
function Points() {
  const { t } = useTranslation();
  const needed = [{ required: true, whitespace: true, message: t('field.needed') }];
  return (
    <Form.List name="points">
      {(fields, { add, remove }) => (
        <>
          {fields.map((field, place) => (
            <Form.Item key={field.key} label={t('application.point', { number: place + 1 })}>
              <div className="pointed">
                <Form.Item noStyle name={field.name} rules={needed}>
                  <Input
                    autoComplete="off"
                    maxLength={200}
                    aria-label={t('application.point', { number: place + 1 })}
                  />
                </Form.Item>
                {fields.length > 1 && (
                  <Button
                    type="text"
                    icon={<DeleteOutlined />}
                    aria-label={t('application.removePoint', { number: place + 1 })}
                    onClick={() => remove(field.name)}
                  />
                )}
              </div>
            </Form.Item>
          ))}
          {fields.length < MOST_POINTS && (
            <Form.Item>
              <Button icon={<PlusOutlined />} onClick={() => add('')}>
                {t('application.addPoint')}
              </Button>
            </Form.Item>
          )}
        </>
      )}
    </Form.List>
  );
}

/** Telling the applicant, once, everything that an application lacks. */
export function RequestCorrection({ id }: { id: string }) {
  const { t } = useTranslation();
  return (
    <FormAct<Lacking, Schemas['AllocationApplication']>
      label={t('application.requestCorrection')}
      lead={t('application.requestCorrectionLead')}
      initial={{ points: [''] }}
      fields={
        <>
          <Points />
          <Form.Item
            name="days"
            label={t('application.days')}
            extra={t('application.daysHint')}
            rules={[{ pattern: /^\d{1,3}$/, message: t('application.daysBad') }]}
          >
            <Input inputMode="numeric" autoComplete="off" />
          </Form.Item>
        </>
      }
      run={({ points, days }, key) =>
        call(
          api.POST('/api/v1/allocation-applications/{id}/request-correction', {
            params: { path: { id } },
            ...keyed(key),
            body: { points, ...(days && { days: Number(days) }) },
          }),
        )
      }
    />
  );
}
