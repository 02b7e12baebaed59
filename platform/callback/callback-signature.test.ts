import { describe, expect, it } from '@jest/globals'
import { callbackHeaders, createCallbackSecret } from './callback-signature.js'

describe('the signature of a callback', () => {
  const callback = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    sentAt: new Date(1_614_265_330_000),
    body: '{"test": 2432232314}',
  }
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

  it('is the one of the Standard Webhooks test vector', () => {
    expect(callbackHeaders(callback, [secret])).toEqual({
      'webhook-id': callback.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('comes once for each secret that is good', () => {
    const next = createCallbackSecret()
    expect(next).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const both = callbackHeaders(callback, [next, secret])['webhook-signature']?.split(' ') ?? []
    expect(both).toHaveLength(2)
    expect(both[1]).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
    expect(both[0]).not.toBe(both[1])
  })
})
