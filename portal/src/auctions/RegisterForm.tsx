import { Button, Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { useProjects } from '../market/projects';
import { useSitesOf } from '../parties/names';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Confirm } from '../ui/Confirm';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { Panel } from '../ui/Panel';
import { Refusal } from '../ui/Refusal';
import { useFieldErrors } from '../ui/useFieldErrors';
import { useOnlyChoice } from '../ui/useOnlyChoice';
import { depositFor } from './registration';

interface Registration {
  site: string;
  project: string;
  quantity: string;
  minimum?: string;
}

interface RegisterFormProps {
  auction: Schemas['Auction'];
  lot: Schemas['AuctionLot'];
}

/** What is registered, and what the command makes of it. */
function useRegistering(lot: Schemas['AuctionLot']) {
  const [asked, ask] = useState<Registration>();
  const forget = () => ask(undefined);
  const command = useCommand((body: Registration, key) => {
    const { minimum, ...rest } = body;
    return call(
      api.POST('/api/v1/auctions/{id}/registrations', {
        params: { path: { id: lot.auction } },
        ...keyed(key),
        body: { ...rest, lot: lot.id, ...(minimum && { minimum }) },
      }),
    );
  }, forget);
  // What is refused is told at the fields, beneath the question.
  const register = () => asked && command.mutate(asked, { onError: forget });
  return { command, asked, ask, forget, register };
}

/** Registering to bid for a lot: the deposit is held from then on, so it is asked first. */
export function RegisterForm({ auction, lot }: RegisterFormProps) {
  const { t } = useTranslation();
  const sites = useSitesOf(useSession()?.me.organisation);
  const [form] = Form.useForm<Registration>();
  const site = Form.useWatch('site', form) as string | undefined;
  const only = sites.length === 1 ? sites[0]?.id : undefined;
  const projects = useProjects(site);
  useOnlyChoice(form, 'site', only);
  const { command, asked, ask, forget, register } = useRegistering(lot);
  useFieldErrors(form, command.error);
  return (
    <Panel title={t('auction.register')}>
      <Form form={form} layout="vertical" requiredMark={false} onFinish={ask}>
        <Form.Item name="site" label={t('market.forSite')} rules={[{ required: true, message: t('field.needed') }]}>
          <Select options={sites.map((one) => ({ value: one.id, label: `${one.name} (${one.number})` }))} />
        </Form.Item>
        <Form.Item name="project" label={t('market.project')} rules={[{ required: true, message: t('field.needed') }]}>
          <Select
            loading={projects.isFetching}
            options={projects.data?.map((one) => ({ value: one.id, label: `${one.number} · ${one.document}` })) ?? []}
          />
        </Form.Item>
        <Form.Item name="quantity" label={t('auction.mostWanted')} rules={decimalRules(t, 6)}>
          <DecimalInput unit={lot.unit} />
        </Form.Item>
        <Form.Item
          name="minimum"
          label={t('auction.leastOfUse')}
          extra={t('auction.leastHint')}
          rules={decimalRules(t, 6, false)}
        >
          <DecimalInput unit={lot.unit} />
        </Form.Item>
        <div className="stack">
          <Refusal error={command.error} />
          <Button type="primary" size="large" block htmlType="submit" loading={command.isPending}>
            {t('auction.registerNow')}
          </Button>
          <p className="muted">{t('auction.depositHint')}</p>
        </div>
      </Form>
      {asked && (
        <Confirm
          act={t('auction.registerNow')}
          lead={t('auction.confirmRegistration')}
          facts={[
            [t('preview.deposit'), <Amount value={depositFor(auction, lot, asked.quantity)} unit="CNY" />],
            [t('auction.mostWanted'), <Amount value={asked.quantity} unit={lot.unit} />],
            [t('auction.basePrice'), <Amount value={lot.base_price} unit={`CNY/${lot.unit}`} />],
          ]}
          isPending={command.isPending}
          close={forget}
          go={register}
        />
      )}
    </Panel>
  );
}
