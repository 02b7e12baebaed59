import { z } from 'zod'

/**
 * Members of a gallery have changed. Producer: biometric. Followers: its replicas, which read from the database what has; losing
 * one costs nothing but time.
 */
export const galleryChanged = {
  type: 'gallery.changed',
  version: 1,
  data: z.strictObject({ galleryId: z.uuid() }),
  subject: () => 'events.gallery.changed',
  filter: 'events.gallery.changed',
} as const
