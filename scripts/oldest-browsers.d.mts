export const oldestBrowsers: Readonly<Record<string, number>>
