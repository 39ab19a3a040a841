import { Button, Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { useConsentsInForce } from '../consents/useConsents';
import { useOrganisationName, useSites } from '../parties/names';
import { Nothing } from '../ui/Nothing';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useRightWords } from '../ui/useRightWords';
import { Found } from './Found';

interface Search {
  site: string;
  right_class: string;
}

/** A bank searches what lies on the rights of an enterprise whose consent it has. */
export function SearchForm() {
  const { t } = useTranslation();
  const organisationName = useOrganisationName();
  const rightWords = useRightWords();
  const [form] = Form.useForm<Search>();
  const [found, setFound] = useState<Schemas['Extract']>();
  const consents = useConsentsInForce();
  const sites = useSites();
  const good = consents.data ?? [];
  const site = Form.useWatch('site', form) as string | undefined;
  const holder = sites.data?.find((one) => one.id === site)?.organisation;
  const classes = new Set(good.filter((one) => one.organisation === holder).flatMap((one) => one.right_classes));
  const command = useCommand(
    (body: Search, key) => call(api.POST('/api/v1/encumbrance-searches', { ...keyed(key), body })),
    setFound,
  );
  const open = sites.data?.filter((one) => good.some((consent) => consent.organisation === one.organisation)) ?? [];
  return (
    <Panel title={t('extract.search')}>
      {consents.isSuccess && good.length === 0 ? (
        <Nothing title={t('consent.noneReceived')}>
          <p>{t('consent.noneReceivedLead')}</p>
        </Nothing>
      ) : (
        <div className="stack">
          <p className="muted">{t('extract.searchLead')}</p>
          <Form
            form={form}
            layout="vertical"
            requiredMark={false}
            onFinish={(given: Search) => command.mutate(given)}
            onValuesChange={(changed: Partial<Search>) => {
              if (changed.site !== undefined) form.resetFields(['right_class']);
            }}
          >
            <div className="two">
              <Form.Item name="site" label={t('field.site')} rules={[{ required: true, message: t('field.needed') }]}>
                <Select
                  loading={sites.isPending}
                  options={open.map((one) => ({
                    value: one.id,
                    label: `${organisationName(one.organisation)} · ${one.name}`,
                  }))}
                />
              </Form.Item>
              <Form.Item
                name="right_class"
                label={t('right.name')}
                rules={[{ required: true, message: t('field.needed') }]}
              >
                <Select
                  showSearch={{ optionFilterProp: 'label' }}
                  options={[...classes].map((code) => ({ value: code, label: rightWords(code) }))}
                />
              </Form.Item>
            </div>
            <Button type="primary" htmlType="submit" loading={command.isPending}>
              {t('extract.searchNow')}
            </Button>
          </Form>
          <div aria-live="polite">
            <Refusal error={command.error} />
            {found?.search && <Found extract={found} search={found.search} />}
          </div>
        </div>
      )}
    </Panel>
  );
}
