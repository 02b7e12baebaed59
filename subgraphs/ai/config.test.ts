import { describe, expect, it } from '@jest/globals'
import { readAiConfig } from './config.js'

const provider = {
  name: 'nim',
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  apiKey: 'nvapi-secret',
  models: [{ id: 'qwen/qwen3.5-397b-a17b', contextWindow: 262_144, outputLimit: 32_768, modalities: ['TEXT', 'CODE'] }],
}

function read(providers: unknown) {
  return readAiConfig({ AI_PROVIDERS: typeof providers === 'string' ? providers : JSON.stringify(providers) })
}

describe('the configuration of ai', () => {
  it('has no providers, 120 s a try and its own port unless told', () => {
    expect(readAiConfig({})).toMatchObject({ providers: [], timeoutMs: 120_000, http: { port: 8084 } })
  })

  it('reads providers with their models in order', () => {
    expect(read([provider]).providers).toEqual([provider])
  })

  it('takes a provider without a key', () => {
    const { apiKey: _key, ...open } = provider
    expect(read([open]).providers[0]?.apiKey).toBeNull()
  })

  it.each([
    ['text that is not JSON', '{"apiKey": "nvapi-secret"', /AI_PROVIDERS: is not JSON/],
    ['an address of another kind', [{ ...provider, baseUrl: 'file:///etc/passwd' }], /0\.baseUrl: must be an http/],
    [
      'credentials in an address',
      [{ ...provider, baseUrl: 'https://a:nvapi-secret@b.example' }],
      /must not contain credentials/,
    ],
    ['two providers of one name', [provider, provider], /two providers have the same name/],
    ['a provider without models', [{ ...provider, models: [] }], /0\.models/],
    ['a model named twice', [{ ...provider, models: [...provider.models, ...provider.models] }], /names a model twice/],
    ['a misspelt setting', [{ ...provider, apikey: 'nvapi-secret' }], /apikey/],
    ['a key with a line break', [{ ...provider, apiKey: 'nvapi-secret\nx' }], /must be printable ASCII/],
  ])('refuses %s, and repeats no secret', (_what, providers, fault) => {
    const failing = () => read(providers)
    expect(failing).toThrow(fault)
    expect(failing).not.toThrow(/nvapi-secret/)
  })
})
