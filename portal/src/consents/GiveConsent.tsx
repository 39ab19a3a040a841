import { Button, Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { daysLater } from '../figures/instant';
import { positionsOf } from '../home/position';
import { useBalances } from '../home/useBalances';
import { useOrganisations } from '../parties/names';
import { useToday } from '../session/installation';
import { useSession } from '../session/session';
import { Refusal } from '../ui/Refusal';
import { useFieldErrors } from '../ui/useFieldErrors';
import { useRightWords } from '../ui/useRightWords';
import { useTellWaiting } from '../ui/waiting';

/** For how many days a consent is given unless somebody says otherwise. */
const USUAL_DAYS = 180;

/** Letting a bank look at some right classes until a day. */
export function GiveConsent() {
  const { t } = useTranslation();
  const today = useToday();
  const rightWords = useRightWords();
  const organisations = useOrganisations().data ?? [];
  const positions = positionsOf(useBalances(useSession()?.me.organisation).data ?? []);
  const tellWaiting = useTellWaiting();
  const [isOpen, setOpen] = useState(false);
  const [form] = Form.useForm<Schemas['GiveConsent']>();
  const command = useCommand(
    (body: Schemas['GiveConsent'], key) => call(api.POST('/api/v1/consents', { ...keyed(key), body })),
    (result) => {
      setOpen(false);
      tellWaiting(result);
    },
  );
  useFieldErrors(form, command.error);
  const needed = [{ required: true, message: t('field.needed') }];
  const classes = [...new Set(positions.map((one) => one.rightClass))];
  return (
    <>
      <Button type="primary" onClick={() => setOpen(true)}>
        {t('consent.give')}
      </Button>
      <Modal
        title={t('consent.give')}
        open={isOpen}
        onCancel={() => setOpen(false)}
        onOk={() => form.submit()}
        okText={t('consent.give')}
        cancelText={t('act.cancel')}
        confirmLoading={command.isPending}
      >
        <p className="muted">{t('consent.giveLead')}</p>
        <Form
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ valid_until: today && daysLater(today, USUAL_DAYS) }}
          onFinish={(body: Schemas['GiveConsent']) => command.mutate(body)}
        >
          <Form.Item name="pledgee" label={t('consent.receiver')} rules={needed}>
            <Select
              options={organisations
                .filter((one) => ['bank', 'guarantor'].includes(one.kind))
                .map((one) => ({ value: one.id, label: one.name }))}
            />
          </Form.Item>
          <Form.Item name="right_classes" label={t('consent.classes')} rules={needed}>
            <Select
              mode="multiple"
              showSearch={{ optionFilterProp: 'label' }}
              options={classes.map((value) => ({ value, label: rightWords(value) }))}
            />
          </Form.Item>
          <Form.Item name="valid_until" label={t('consent.until')} rules={needed}>
            <Input type="date" min={today} />
          </Form.Item>
          <Refusal error={command.error} />
        </Form>
      </Modal>
    </>
  );
}
