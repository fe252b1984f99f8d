// uPlot asks Intl for the browser's language when it is loaded. A headless browser in the POSIX locale has a language
// that Intl rejects: `en-US@posix`.
try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
