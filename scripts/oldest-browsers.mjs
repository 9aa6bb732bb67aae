// The oldest browsers that the pages are for, in the one place that the build, its check and the docs' test read.
// They are the last, or older than the last, that old devices get: Safari 15 on an iPhone 7 or iPad mini 4, Chrome 95 on Android 5,
// Chrome and Edge 109 and Firefox 115 on Windows 7.

/** By the names of browser-compat-data. */
export const oldestBrowsers = {
  chrome: 95,
  chrome_android: 95,
  edge: 95,
  firefox: 102,
  firefox_android: 115,
  safari: 15,
  safari_ios: 15,
}

/** For the lowering of JavaScript's syntax. */
export const scriptTargets = ['chrome95', 'edge95', 'firefox102', 'safari15', 'ios15']

/** For the lowering of style sheets: the version in the third byte. */
export const styleTargets = {
  chrome: 95 << 16,
  android: 95 << 16,
  edge: 95 << 16,
  firefox: 102 << 16,
  safari: 15 << 16,
  ios_saf: 15 << 16,
}
