/** What the workers call, in one module. Its memory is imported, and shared by all of them. */
export { rerankEmbeddings, scanEmbeddings } from './embeddings'
export { scanIrises } from './irises'
