import { Form, InputNumber } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Schemas } from '../api/client';
import { FormAct } from '../ui/FormAct';

interface RotateActProps<Result> {
  run: (body: Schemas['RotateSecret'], key: string) => Promise<Result>;
  done: (result: Result) => void;
}

/** For how many hours both secrets are good unless somebody says otherwise, and at most. */
const [USUAL, LONGEST] = [24, 744];

/** Another secret for a program, while the present one stays good for some hours. */
export function RotateAct<Result>({ run, done }: RotateActProps<Result>) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['RotateSecret'], Result>
      label={t('secret.rotate')}
      lead={t('secret.rotateLead')}
      size="small"
      initial={{ overlap_hours: USUAL }}
      fields={
        <Form.Item name="overlap_hours" label={t('secret.overlap')} extra={t('secret.overlapHint')}>
          <InputNumber min={0} max={LONGEST} precision={0} style={{ width: '100%' }} />
        </Form.Item>
      }
      run={run}
      done={done}
    />
  );
}
