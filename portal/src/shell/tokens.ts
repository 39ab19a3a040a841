import type { ThemeConfig } from 'antd';

/** The colours of the portal by what they are for. The style sheet has them as custom properties, Ant Design as its tokens. */
export interface Palette {
  paper: string;
  surface: string;
  raised: string;
  line: string;
  ink: string;
  muted: string;
  river: string;
  'river-soft': string;
  'on-river': string;
  amber: string;
  'amber-soft': string;
  rust: string;
  'rust-soft': string;
  leaf: string;
  'leaf-soft': string;
  slate: string;
  'slate-soft': string;
  rail: string;
  'rail-raised': string;
  'rail-ink': string;
  'rail-muted': string;
}

export const light: Palette = {
  paper: '#f3f6f5',
  surface: '#ffffff',
  raised: '#f8faf9',
  line: '#dde5e2',
  ink: '#12211e',
  muted: '#52625d',
  river: '#0d5c56',
  'river-soft': '#e0efec',
  'on-river': '#ffffff',
  amber: '#7d5200',
  'amber-soft': '#fbf0d6',
  rust: '#a3271b',
  'rust-soft': '#fbe9e6',
  leaf: '#1c6537',
  'leaf-soft': '#e2f2e8',
  slate: '#3c5570',
  'slate-soft': '#e7eef6',
  rail: '#0b2b29',
  'rail-raised': '#15403c',
  'rail-ink': '#e3efed',
  'rail-muted': '#9fbdb8',
};

export const dark: Palette = {
  paper: '#0d1312',
  surface: '#141c1a',
  raised: '#1a2422',
  line: '#2b3835',
  ink: '#e4edea',
  muted: '#9fb1ac',
  river: '#5cc2b4',
  'river-soft': '#133733',
  'on-river': '#05211e',
  amber: '#e3b860',
  'amber-soft': '#33290f',
  rust: '#f3978a',
  'rust-soft': '#3b1b17',
  leaf: '#83cc9b',
  'leaf-soft': '#14301f',
  slate: '#a3bfdd',
  'slate-soft': '#1b2836',
  rail: '#091110',
  'rail-raised': '#16302d',
  'rail-ink': '#dbe8e5',
  'rail-muted': '#8fa9a4',
};

/** Chinese first: the faces that systems bring for it, before those for Latin alone. */
const FACES =
  '"PingFang SC", "Source Han Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Hiragino Sans GB", "Microsoft YaHei UI", "Microsoft YaHei", system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif';

/** The tokens of Ant Design. */
export function tokens(palette: Palette): NonNullable<ThemeConfig['token']> {
  return {
    colorPrimary: palette.river,
    colorInfo: palette.slate,
    colorSuccess: palette.leaf,
    colorWarning: palette.amber,
    colorError: palette.rust,
    colorLink: palette.river,
    colorTextBase: palette.ink,
    colorBgBase: palette.surface,
    colorText: palette.ink,
    colorTextSecondary: palette.muted,
    colorTextTertiary: palette.muted,
    colorTextDescription: palette.muted,
    colorTextPlaceholder: palette.muted,
    colorTextLightSolid: palette['on-river'],
    colorBgLayout: palette.paper,
    colorBgContainer: palette.surface,
    colorBgElevated: palette.surface,
    colorBorder: palette.line,
    colorBorderSecondary: palette.line,
    colorSplit: palette.line,
    borderRadius: 6,
    fontFamily: FACES,
    fontSize: 14,
    controlHeight: 36,
    wireframe: false,
  };
}

export function components(palette: Palette): NonNullable<ThemeConfig['components']> {
  return {
    Button: { fontWeight: 500, primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
    Form: { labelColor: palette.muted, verticalLabelPadding: '0 0 4px' },
    Tabs: { titleFontSize: 14, horizontalItemPadding: '10px 0' },
    Modal: { titleFontSize: 17 },
  };
}
