import { useQuery } from '@tanstack/react-query';
import { Button, Form, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';
import { api, call, keyed, type Schemas } from '../api/client';
import { useCommand } from '../api/command';
import { isDecimal, isZero } from '../figures/decimal';
import { useSitesOf } from '../parties/names';
import { useSession } from '../session/session';
import { Amount } from '../ui/Amount';
import { Confirm } from '../ui/Confirm';
import { DecimalInput, decimalRules } from '../ui/DecimalInput';
import { useFieldErrors } from '../ui/useFieldErrors';
import { useOnlyChoice } from '../ui/useOnlyChoice';
import { useSettled } from '../ui/useSettled';
import { Preview } from './Preview';
import { useProjects } from './projects';

interface Purchase {
  buyer_site?: string;
  project?: string;
  quantity?: string;
}

/** The preview of what is filled in by now. */
function usePreview(listing: Schemas['MarketListing'], { buyer_site, project, quantity }: Purchase) {
  const isReadable = buyer_site !== undefined && quantity !== undefined && isDecimal(quantity, 6) && !isZero(quantity);
  return useQuery({
    queryKey: ['preview', listing.id, listing.version, buyer_site, project, quantity],
    queryFn: () =>
      call(
        api.POST('/api/v1/trades/preview', {
          ...keyed(crypto.randomUUID()),
          body: {
            listing: listing.id,
            buyer_site: buyer_site ?? '',
            quantity: quantity ?? '',
            ...(project !== undefined && { project }),
          },
        }),
      ),
    enabled: isReadable,
    placeholderData: (before) => (isReadable ? before : undefined),
  });
}

/** Buying from a listing: what it would mean is told while the form is filled in. */
export function BuyForm({ listing }: { listing: Schemas['MarketListing'] }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const sites = useSitesOf(useSession()?.me.organisation);
  const [form] = Form.useForm<Purchase>();
  const filled = Form.useWatch([], form) as Purchase | undefined;
  const only = sites.length === 1 ? sites[0]?.id : undefined;
  const purchase = filled ?? {};
  const projects = useProjects(purchase.buyer_site);
  const preview = usePreview(listing, useSettled(purchase));
  const [isAsked, ask] = useState(false);
  const command = useCommand(
    (body: Schemas['BuyListed'], key) =>
      call(api.POST('/api/v1/listings/{id}/purchases', { params: { path: { id: listing.id } }, ...keyed(key), body })),
    (answer) => void navigate('total' in answer ? `/trades/${answer.id}` : '/tasks'),
  );
  useOnlyChoice(form, 'buyer_site', only);
  useFieldErrors(form, command.error);
  const buy = () => {
    const { buyer_site, project, quantity } = purchase;
    if (buyer_site !== undefined && project !== undefined)
      command.mutate({ buyer_site, project, ...(quantity !== undefined && { quantity }) });
  };
  return (
    <Form form={form} layout="vertical" onFinish={() => ask(true)} requiredMark={false}>
      <Form.Item name="buyer_site" label={t('market.forSite')} rules={[{ required: true, message: t('field.needed') }]}>
        <Select
          options={sites.map((site) => ({ value: site.id, label: `${site.name} (${site.number})` }))}
          onChange={() => form.resetFields(['project'])}
        />
      </Form.Item>
      <Form.Item
        name="project"
        label={t('market.project')}
        extra={t('market.projectHint')}
        rules={[{ required: true, message: t('field.needed') }]}
      >
        <Select
          loading={projects.isFetching}
          notFoundContent={t('market.noProject')}
          options={projects.data?.map((one) => ({ value: one.id, label: `${one.number} · ${one.document}` })) ?? []}
        />
      </Form.Item>
      <Form.Item name="quantity" label={t('field.quantity')} rules={decimalRules(t, 6)}>
        <DecimalInput unit={listing.unit} />
      </Form.Item>
      <div className="stack">
        <Preview preview={preview.data} isPending={preview.isFetching} error={preview.error} />
        <Button type="primary" size="large" block htmlType="submit" disabled={preview.data?.is_possible !== true}>
          {t('market.buyNow')}
        </Button>
      </div>
      {isAsked && preview.data && (
        <Confirm
          title={t('market.confirm')}
          act={t('market.buyNow')}
          lead={t('market.confirmLead')}
          facts={[
            [t('preview.deposit'), <Amount value={preview.data.deposit} unit="CNY" />],
            [t('field.quantity'), <Amount value={preview.data.quantity} unit={preview.data.unit} />],
            [t('field.total'), <Amount value={preview.data.total} unit="CNY" />],
          ]}
          error={command.error}
          isPending={command.isPending}
          close={() => ask(false)}
          go={buy}
        />
      )}
    </Form>
  );
}
