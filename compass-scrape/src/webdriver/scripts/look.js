// The page as it is now. Sizes are measured here, so that nothing larger than the cap leaves the browser.
const cap = arguments[0];
const universal = document.getElementById('__UNIVERSAL_DATA_FOR_REHYDRATION__');
const sigi = document.getElementById('SIGI_STATE');
// Pages that have both keep the account in the older one.
const data = sigi && !(universal && universal.textContent.includes('"webapp.user-detail"')) ? sigi : universal;
const html = document.documentElement ? document.documentElement.outerHTML : '';
const json = data ? data.textContent : null;
return {
  url: location.href,
  length: html.length,
  html: html.length <= cap ? html : null,
  data: json !== null && json.length <= cap ? json : null,
};
