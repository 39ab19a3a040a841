import { BulbOutlined, TranslationOutlined } from '@ant-design/icons';
import { Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { language, speak } from '../i18n/language';
import { appear, type Appearance, useAppearance } from './appearance';

/** Language and appearance. */
export function Preferences() {
  const { t } = useTranslation();
  const appearance = useAppearance();
  const other = language() === 'zh' ? 'en' : 'zh';
  const choices: Appearance[] = ['system', 'light', 'dark'];
  return (
    <>
      <Button
        type="text"
        icon={<TranslationOutlined />}
        onClick={() => void speak(other)}
        lang={other === 'zh' ? 'zh-CN' : 'en'}
      >
        {t('shell.otherLanguage')}
      </Button>
      <Dropdown
        trigger={['click']}
        menu={{
          selectable: true,
          selectedKeys: [appearance],
          items: choices.map((choice) => ({ key: choice, label: t(`shell.appearance.${choice}`) })),
          onClick: ({ key }) => appear(key as Appearance),
        }}
      >
        <Button type="text" icon={<BulbOutlined />} aria-label={t('shell.appearance.name')} />
      </Dropdown>
    </>
  );
}
