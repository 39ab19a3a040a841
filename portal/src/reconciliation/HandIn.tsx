import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { Faults } from '../operations/Faults';
import { Progress } from '../operations/Progress';
import { useOperation } from '../operations/useOperation';
import { upload } from '../quota/upload';
import { useToday } from '../session/installation';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useFieldErrors } from '../ui/useFieldErrors';

/** What came of a file: the version of the statement that it is, and whether it was there before. */
function Outcome({ result }: { result: Record<string, unknown> }) {
  const { t } = useTranslation();
  const number = Number(result['number']);
  return (
    <div>
      <p role="status">
        {t(result['repeated'] === true ? 'reconciliation.repeated' : 'reconciliation.compared', {
          number,
          lines: Number(result['lines']),
          movements: Number(result['movements']),
        })}
      </p>
      <Link to={`/reconciliation/${String(result['statement'])}`}>{t('reconciliation.look')}</Link>
    </div>
  );
}

/** How far the comparison has come, every fault of the file, or what came of it. */
function Followed({ id }: { id: string | undefined }) {
  const { t } = useTranslation();
  const operation: Schemas['Operation'] | undefined = useOperation(id).data;
  if (operation === undefined) return null;
  return (
    <>
      <Panel title={t('batch.progress')}>
        <div className="stack">
          <Progress operation={operation} />
          {operation.result && <Outcome result={operation.result} />}
        </div>
      </Panel>
      {operation.state === 'failed' && <Faults faults={operation.faults} />}
    </>
  );
}

/** The bank hands in its statement of a day, as a file that is compared with the books. */
export function HandIn() {
  const { t } = useTranslation();
  const today = useToday();
  const [form] = Form.useForm<{ day: string }>();
  const [file, setFile] = useState<File>();
  const command = useCommand(async ({ day, file: chosen }: { day: string; file: File }, key) => {
    const document = await upload(chosen);
    return call(api.POST('/api/v1/money/bank-statements', { ...keyed(key), body: { day, document: document.id } }));
  });
  useFieldErrors(form, command.error);
  return (
    <>
      <Panel title={t('reconciliation.handIn')}>
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          onFinish={({ day }) => {
            if (file) command.mutate({ day, file });
          }}
        >
          <Form.Item
            name="day"
            label={t('reconciliation.day')}
            rules={[{ required: true, message: t('field.needed') }]}
          >
            <Input type="date" max={today} style={{ width: 180 }} />
          </Form.Item>
          <label className="upload">
            {file?.name ?? t('reconciliation.choose')}
            <br />
            <small>{t('reconciliation.columns')}</small>
            <input type="file" accept=".csv,text/csv" onChange={(event) => setFile(event.target.files?.[0])} />
          </label>
          <div className="stack gap">
            <Refusal error={command.error} />
            <Button type="primary" htmlType="submit" loading={command.isPending} disabled={file === undefined}>
              {t('reconciliation.compare')}
            </Button>
          </div>
        </Form>
      </Panel>
      <Followed id={command.data?.id} />
    </>
  );
}
