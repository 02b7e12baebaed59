import { expect, it } from '@jest/globals'
import { sampleDigest } from './sample-digest.js'

// known answers by coreutils: printf '...' | sha256sum, in base64url
it.each([
  ['nothing', {}, '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'],
  ['an embedding', { embedding: [1, -2] }, 'eIb-Z7pEhNiJqo7EHwskL5FPv2uuG-LtI_VqAH41R7A'],
  ['a finger record', { fingerRecord: 'YWJj' }, 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
  ['an iris', { iris: { code: 'YQ==', mask: 'YmM=' } }, 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0'],
  [
    'a minutia',
    { minutiae: [{ x: 1, y: -2, direction: 0, type: 'ENDING' }] },
    'Q_cFLUHrXiFunRjqGi5P1kQr5V5fu9jyaBQHJFSv4XM',
  ],
])('the digest of %s is that of its bytes', (_what, sample, digest) => {
  expect(sampleDigest(sample)).toBe(digest)
})
