import { messageOf, percentOf } from '../domain/data-export.js'
import type { DataExportResolvers } from '../generated/resolvers.js'

export const dataExport: DataExportResolvers = {
  percent: (parent) => percentOf(parent),
  message: (parent) => messageOf(parent),
}
