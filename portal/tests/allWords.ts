import english from '../src/i18n/en';
import chinese from '../src/i18n/zh';

interface Words {
  [name: string]: string | Words;
}

/** What two files say of one thing stands together, as the program merges it. */
function merged(one: Words, other: Words): Words {
  const both = Object.entries(other).map(([name, value]) => {
    const here = one[name];
    if (here === undefined) return [name, value] as const;
    if (typeof here === 'string' || typeof value === 'string') throw new Error(`${name} is said twice`);
    return [name, merged(here, value)] as const;
  });
  return { ...one, ...Object.fromEntries(both) };
}

const areas = {
  zh: import.meta.glob<Words>('../src/i18n/zh/areas/*.ts', { eager: true, import: 'default' }),
  en: import.meta.glob<Words>('../src/i18n/en/areas/*.ts', { eager: true, import: 'default' }),
};

/** Everything that the portal says, the words of single pages among them. */
export const zh = Object.values(areas.zh).reduce(merged, chinese);
export const en = Object.values(areas.en).reduce(merged, english);
