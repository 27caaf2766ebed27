// A real OpenID provider with one client, on a free port of this machine, for the tests of sign-in.
//
// node server.mjs FOLDER, where FOLDER has node_modules/oidc-provider. It prints its issuer, reads the client's redirect URI from
// its input, prints "ready", and ends when its input does. Anybody can sign in, by any name; PKCE is required.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// It warns that it is not set up for production, which is so.
console.warn = () => {};

const folder = resolve(process.argv[2]);
const { Provider } = await import(pathToFileURL(createRequire(`${folder}/x.js`).resolve('oidc-provider')));

const [rsa, ec] = [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('ec', { namedCurve: 'P-256' })]
  .map(({ privateKey }) => privateKey.export({ format: 'jwk' }));

const configuration = (redirectUri) => ({
  clients: [{ client_id: 'compass-client', client_secret: 'a secret/with+odd%characters', redirect_uris: [redirectUri] }],
  pkce: { required: () => true },
  jwks: { keys: [{ ...rsa, kid: 'rsa-1', use: 'sig', alg: 'RS256' }, { ...ec, kid: 'ec-1', use: 'sig', alg: 'ES256' }] },
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  // As Google does: the ID token has the claims.
  conformIdTokenClaims: false,
  features: { devInteractions: { enabled: true } },
  findAccount: (_, sub) => ({
    accountId: sub,
    claims: () => ({ sub, email: `${sub}@compass.example`, email_verified: true, name: `Name of ${sub}` }),
  }),
});

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const input = createInterface({ input: process.stdin });
  input.once('line', (redirectUri) => {
    server.on('request', new Provider(issuer, configuration(redirectUri)).callback());
    console.log('ready');
  });
  input.once('close', () => process.exit());
  console.log(issuer);
});
