import type { ApolloServerPlugin } from '@apollo/server'
import { answerType, isOurRefusal, statusOf } from './answer-rules.js'

/** Sets the status by the rules of the door: Apollo Server's own knows no media types. */
export const statusPlugin: ApolloServerPlugin = {
  requestDidStart: async () => ({
    async willSendResponse({ request, response }) {
      const { body, http } = response
      if (body.kind !== 'single') return
      const code = body.singleResult.errors?.[0]?.extensions?.['code']
      // a refusal of the request itself (BAD_REQUEST, PERSISTED_QUERY_...) is Apollo Server's, and so is its status
      if (body.singleResult.data === undefined && isOurRefusal(code)) {
        http.status = statusOf(body.singleResult, answerType(request.http?.headers.get('accept')) ?? 'application/json')
      }
    },
  }),
}
