import { Modal, Typography } from 'antd';
import { useTranslation } from 'react-i18next';

interface ShownOnceProps {
  title: string;
  lead: string;
  /** Each with what it is called. */
  values: readonly (readonly [string, string])[];
  close: () => void;
}

/** A secret that the server tells once and never again; it closes only by saying that it is kept. */
export function ShownOnce({ title, lead, values, close }: ShownOnceProps) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      title={title}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      onOk={close}
      okText={t('secret.kept')}
      footer={(_, { OkBtn }) => <OkBtn />}
    >
      <div className="stack">
        <p>{lead}</p>
        <dl className="secrets">
          {values.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <Typography.Text code copyable={{ tooltips: [t('secret.copy'), t('secret.copied')] }}>
                  {value}
                </Typography.Text>
              </dd>
            </div>
          ))}
        </dl>
        <p className="muted">{t('secret.once')}</p>
      </div>
    </Modal>
  );
}
