//! What lies over a profile page, or goes on in it.

use super::escape;
use crate::testing::{Fault, view::View};

/// What comes before the page's content.
pub(in crate::testing) fn first(view: &View) -> String {
    let scripts = view.faults.iter().filter_map(|fault| match fault {
        Fault::GoesTo(to) => {
            let to = to.replace("{elsewhere}", &view.elsewhere);
            Some(format!("<script>location.href = {}</script>", serde_json::Value::from(to)))
        }
        _ => None,
    });
    scripts.collect()
}

/// The banner above the grid, if there is one.
pub(in crate::testing) fn banner(view: &View) -> String {
    match view.has(&Fault::PartialBanner) {
        true => format!(r#"<div role="alert" class="banner"><p>{}</p></div>"#, escape(view.words().partial)),
        false => String::new(),
    }
}

/// What lies over the page.
pub(in crate::testing) fn over(view: &View) -> String {
    view.faults.iter().map(|fault| one(fault, view)).collect()
}

fn one(fault: &Fault, view: &View) -> String {
    let script = |text: &str| format!("<script>{text}</script>");
    match fault {
        Fault::Captcha => format!("{CAPTCHA}{}", script(CAPTCHA_SCRIPT)),
        Fault::LoginModal => LOGIN_MODAL.replace("{title}", &escape(view.words().log_in)),
        Fault::ConsentBanner => format!("{CONSENT}{}", script(CONSENT_SCRIPT)),
        Fault::Dialogs(times) => script(&format!("for (let i = 1; i <= {times}; i++) alert(`Notice ${{i}}`)")),
        Fault::EndlessDialogs => script("(function again() { alert('Once more'); setTimeout(again); })()"),
        Fault::BeforeUnload => script("addEventListener('beforeunload', (event) => event.preventDefault())"),
        Fault::Busy => script("setTimeout(() => { for (;;); }, 300)"),
        Fault::Crash => script(CRASH),
        Fault::Downloads => script(DOWNLOADS),
        Fault::PopUps => script(&POP_UPS.replace("{elsewhere}", &view.elsewhere)),
        Fault::Prompts => script(PROMPTS),
        Fault::ServiceWorker => script(SERVICE_WORKER),
        Fault::Contacts => CONTACTS.replace("{elsewhere}", &view.elsewhere),
        _ => String::new(),
    }
}

const CAPTCHA: &str = r#"<div id="captcha-verify-container-main-page" class="captcha-verify-container"><p>Drag the slider to fit the puzzle</p><button type="button">Verify</button></div>"#;
const CAPTCHA_SCRIPT: &str = "fetch('/captcha/get?subtype=slide')";

const LOGIN_MODAL: &str = r#"<div class="TUXModal-overlay"><div class="DivModalMask" role="dialog" data-e2e="login-modal"><h2>{title}</h2><button type="button" data-e2e="modal-close-inner-button" onclick="this.closest('.TUXModal-overlay').remove()">Continue as guest</button></div></div>"#;

const CONSENT: &str = r#"<tiktok-cookie-banner locale="en" user-config-ele-id="tiktok-cookie-banner-config" disabled="false"></tiktok-cookie-banner><script id="tiktok-cookie-banner-config" type="application/json">{"i18n": {}}</script>"#;
const CONSENT_SCRIPT: &str = r#"
customElements.define('tiktok-cookie-banner', class extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: 'open' });
    root.innerHTML = `<style>.tiktok-cookie-banner { position: fixed; inset: auto 0 0; z-index: 2; padding: 24px; background: #fff; box-shadow: 0 0 24px #0004; }</style>
      <div class="tiktok-cookie-banner"><p>May this site keep cookies that it does not need?</p><button>Decline</button> <button>Allow</button></div>`;
    root.querySelectorAll('button').forEach((button) => button.addEventListener('click', () => {
      fetch(`/said?consent=${button.textContent}`);
      this.remove();
    }));
  }
});"#;

/// Elements so deep in each other that their layout overflows the renderer's stack; it needs no memory to speak of.
const CRASH: &str = r#"
setTimeout(() => {
  const root = document.createElement('div');
  for (let depth = 0, innermost = root; depth < 10000; depth++) {
    innermost = innermost.appendChild(document.createElement('div'));
  }
  document.body.append(root);
}, 300);"#;

const DOWNLOADS: &str = r#"
for (const name of ['first.bin', 'second.bin']) {
  const link = Object.assign(document.createElement('a'), { href: `/download/${name}`, download: name });
  document.body.append(link);
  link.click();
}
document.body.append(Object.assign(document.createElement('iframe'), { src: '/download/third.bin', hidden: true }));"#;

const POP_UPS: &str = r#"
open('/popup');
open('{elsewhere}/popup');
const link = Object.assign(document.createElement('a'), { href: '/popup?by=link', target: '_blank' });
document.body.append(link);
link.click();"#;

const PROMPTS: &str = r#"
const say = (what, answer) => fetch(`/said?${what}=${encodeURIComponent(answer)}`);
navigator.geolocation.getCurrentPosition(() => say('geolocation', 'given'), (error) => say('geolocation', error.message));
Notification.requestPermission().then((answer) => say('notifications', answer));
navigator.mediaDevices.getUserMedia({ video: true, audio: true })
  .then(() => say('camera', 'given'), (error) => say('camera', error.name));"#;

const SERVICE_WORKER: &str = r#"
navigator.serviceWorker.register('/sw.js')
  .then(() => fetch('/said?worker=registered'), (error) => fetch(`/said?worker=${error.name}`));"#;

/// A worker that lets everything pass and says so.
pub(in crate::testing) const WORKER: &str = r#"
addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));
addEventListener('fetch', (event) => {
  if (event.request.mode !== 'navigate') return;
  const path = new URL(event.request.url).pathname;
  event.respondWith(fetch(`/said?worker=saw&page=${encodeURIComponent(path)}`).then(() => fetch(event.request)));
});"#;

const CONTACTS: &str = r#"<img alt="" src="{elsewhere}/picture.svg"><iframe hidden src="{elsewhere}/frame"></iframe><link rel="stylesheet" href="{elsewhere}/style.css"><script>
fetch('{elsewhere}/data', { mode: 'no-cors' }).catch(() => {});
navigator.sendBeacon('{elsewhere}/beacon', 'seen');
fetch('http://stand-in.invalid/data', { mode: 'no-cors' }).catch(() => {});
</script>"#;
