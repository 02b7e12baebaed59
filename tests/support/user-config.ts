import { defaultPrivacy, type UserConfig } from '../../subgraphs/user/config.js'

/** The user service on any free port, as it is where nobody says otherwise. */
export const userConfig: UserConfig = {
  http: { host: '127.0.0.1', port: 0 },
  masterKeys: { keys: { k1: new Uint8Array(32).fill(7) }, currentKeyId: 'k1' },
  privacy: defaultPrivacy,
}
