import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { fetchAreas } from './areas';
import zh from './zh';

export type Language = 'zh' | 'en';

const KEPT_AS = 'ganhe.language';

/** The language that was chosen; Chinese for whoever has chosen none, whatever the browser speaks. */
function chosen(): Language {
  return localStorage.getItem(KEPT_AS) === 'en' ? 'en' : 'zh';
}

/** The language of the moment. */
export const language = (): Language => (i18next.language === 'en' ? 'en' : 'zh');

async function load(wanted: Language): Promise<void> {
  if (wanted === 'en' && !i18next.hasResourceBundle('en', 'translation')) {
    const { default: en } = await import('./en');
    i18next.addResourceBundle('en', 'translation', en);
  }
  await fetchAreas(wanted);
}

function tell(wanted: Language): void {
  document.documentElement.lang = wanted === 'zh' ? 'zh-CN' : 'en';
  document.title = i18next.t('shell.name');
}

/** Changes the language, and remembers it. */
export async function speak(wanted: Language): Promise<void> {
  await load(wanted);
  await i18next.changeLanguage(wanted);
  localStorage.setItem(KEPT_AS, wanted);
  tell(wanted);
}

/** Makes the words ready before anything is drawn. */
export async function begin(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'zh',
    fallbackLng: 'zh',
    resources: { zh: { translation: zh } },
    interpolation: { escapeValue: false },
  });
  const wanted = chosen();
  await load(wanted);
  await i18next.changeLanguage(wanted);
  tell(wanted);
}
