import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { type Finding, Findings } from './Findings';
import { readCheckpoint } from './note';
import { findCheckpoint, isKept, signatureOf } from './questions';

/** Whether the log of today begins with what somebody has kept: nothing before it was changed, removed or put in between. */
export function KeptCheckpoint() {
  const { t } = useTranslation();
  const check = useMutation({
    mutationFn: async (note: string): Promise<Finding[] | undefined> => {
      const kept = readCheckpoint(note);
      if (kept === undefined) return undefined;
      const { checkpoint } = await findCheckpoint();
      const [isSigned, begins] = await Promise.all([signatureOf(kept), isKept(kept, checkpoint)]);
      return [
        { step: t('log.steps.signature', { origin: kept.origin }), found: isSigned },
        { step: t('log.steps.extends', { kept: kept.size, size: checkpoint.size }), found: begins },
      ];
    },
  });
  const isNone = check.isSuccess && check.data === undefined;
  return (
    <Panel title={t('log.kept')}>
      <Form<{ note: string }> layout="vertical" requiredMark={false} onFinish={({ note }) => check.mutate(note)}>
        <p className="muted">{t('log.keptLead')}</p>
        <Form.Item
          name="note"
          label={t('log.keptNote')}
          className="gap"
          rules={[{ required: true, whitespace: true, message: t('field.needed') }]}
          {...(isNone && { validateStatus: 'error', help: t('log.noCheckpoint') })}
        >
          <Input.TextArea className="code" rows={6} />
        </Form.Item>
        <Button type="primary" htmlType="submit" loading={check.isPending}>
          {t('log.compare')}
        </Button>
      </Form>
      <div aria-live="polite" className="gap">
        {check.data && <Findings findings={check.data} />}
        <Refusal error={check.error} />
      </div>
    </Panel>
  );
}
