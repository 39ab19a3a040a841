import { Button, Form, type FormInstance, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, keyed, type Schemas } from '../api/client';
import { FormAct } from '../ui/FormAct';
import { ShownOnce } from '../ui/ShownOnce';
import { freshKeyPair, type KeyPair } from './seal';

type Auction = Schemas['Auction'];

/** What either half of a key must look like before it is sent. */
function useHalfRules() {
  const { t } = useTranslation();
  return [
    { required: true, message: t('field.needed') },
    { pattern: /^[0-9a-f]{64}$/, message: t('auction.halfForm') },
  ];
}

/** A half of a key as it is pasted. */
const cleaned = (text: string) => text.trim().toLowerCase();

/** The public half, which an official brings along or has made here; then the private one is shown, and never again. */
function PublicHalf({ form }: { form: FormInstance<Schemas['ContributeKey']> }) {
  const { t } = useTranslation();
  const rules = useHalfRules();
  const [made, show] = useState<KeyPair>();
  const [hasFailed, setFailed] = useState(false);
  const make = () => void freshKeyPair().then(show, () => setFailed(true));
  const keep = ({ publicHalf }: KeyPair) => {
    form.setFieldsValue({ public_key: publicHalf });
    show(undefined);
  };
  return (
    <>
      <Form.Item name="public_key" label={t('auction.publicHalf')} rules={rules} normalize={cleaned}>
        <Input autoComplete="off" className="code" />
      </Form.Item>
      <p>
        <Button onClick={make}>{t('auction.makeKey')}</Button>
      </p>
      <p className="muted gap">{hasFailed ? t('auction.makeKeyFailed') : t('auction.makeKeyHint')}</p>
      {made && (
        <ShownOnce
          title={t('auction.keepHalf')}
          lead={t('auction.keepHalfLead')}
          values={[[t('auction.privateHalf'), made.privateHalf]]}
          close={() => keep(made)}
        />
      )}
    </>
  );
}

/** One of two officials contributes the public half of their key before a sealed session is announced. */
export function ContributeKey({ auction }: { auction: Auction }) {
  const { t } = useTranslation();
  return (
    <FormAct<Schemas['ContributeKey'], Auction>
      label={t('auction.contributeKey')}
      lead={t('auction.contributeKeyLead', { count: auction.keys.length })}
      fields={(form) => <PublicHalf form={form} />}
      run={(body, key) =>
        call(api.POST('/api/v1/auctions/{id}/keys', { params: { path: { id: auction.id } }, ...keyed(key), body }))
      }
    />
  );
}

/** Each of the two hands in their private half after the close: with the second the bids are opened and ranked. */
export function HandInHalf({ auction }: { auction: Auction }) {
  const { t } = useTranslation();
  const rules = useHalfRules();
  return (
    <FormAct<Schemas['OpenBids'], Auction>
      label={t('auction.handIn')}
      lead={t('auction.handInLead', { count: auction.keys_handed_in })}
      kind="primary"
      fields={
        <Form.Item name="key" label={t('auction.privateHalf')} rules={rules} normalize={cleaned}>
          <Input.Password autoComplete="off" />
        </Form.Item>
      }
      run={(body, key) =>
        call(api.POST('/api/v1/auctions/{id}/opening', { params: { path: { id: auction.id } }, ...keyed(key), body }))
      }
    />
  );
}
