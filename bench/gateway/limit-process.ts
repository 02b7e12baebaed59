/**
 * The limit: what raw Node can do at best where the gateway stands. It makes the calls of Apollo's plans through undici,
 * each entity asked for once a call, and merges by hand; it parses, validates, plans and checks nothing.
 */
import { createServer } from 'node:http'
import { Pool } from 'undici'
import { queries } from './graph.js'
import { readAddresses } from './programs.js'

interface User {
  __typename: string
  id: string
  username?: string
  name?: string
  reviews?: Review[]
}
interface Product {
  __typename: string
  upc: string
  name?: string
  price?: number
  weight?: number
  inStock?: boolean
  shippingEstimate?: number
  reviews?: Review[]
}
interface Review {
  id: string
  body: string
  author?: User
  product?: Product
}
interface Answer {
  me?: User
  users?: User[]
  topProducts?: Product[]
  _entities?: object[]
}

const { port, urls } = readAddresses()
const open = (url: string) => new Pool(new URL(url).origin, { connections: 256 })
const [accounts, products, inventory, reviews] = [urls.accounts, urls.products, urls.inventory, urls.reviews].map(
  open,
) as [Pool, Pool, Pool, Pool]

const entityQuery = (type: string, fields: string) =>
  JSON.stringify(
    `query($representations:[_Any!]!){_entities(representations:$representations){... on ${type}{${fields}}}}`,
  )
const rootQuery = (query: string) => JSON.stringify({ query })

const SMALL = rootQuery('{me{id name username}}')
const ME = rootQuery('{me{__typename id username name}}')
const USERS = rootQuery('{users{__typename id username name}}')
const TOP = rootQuery('{topProducts{__typename name price upc weight}}')
const OWN_REVIEWS = entityQuery('User', 'reviews{id body product{__typename upc}}')
const AUTHOR = 'author{__typename id username reviews{id body product{__typename upc}}}'
const USER_REVIEWS = entityQuery('User', `reviews{id body product{__typename upc reviews{id body ${AUTHOR}}}}`)
const PRODUCT_REVIEWS = entityQuery('Product', `reviews{id body ${AUTHOR}}`)
const USER_NAME = entityQuery('User', 'name')
const PRODUCT = entityQuery('Product', 'name price weight')
const SHIPPING = entityQuery('Product', 'shippingEstimate')
const STOCK = entityQuery('Product', 'inStock')
const STOCK_AND_SHIPPING = entityQuery('Product', 'inStock shippingEstimate')

async function ask(pool: Pool, authorization: string, body: string): Promise<Answer> {
  const headers = { 'content-type': 'application/json', authorization }
  const response = await pool.request({ path: '/graphql', method: 'POST', headers, body })
  return (JSON.parse(await response.body.text()) as { data: Answer }).data
}

async function extend<Entity extends object>(
  pool: Pool,
  authorization: string,
  query: string,
  targets: readonly Entity[],
  represent: (entity: Entity) => string,
): Promise<void> {
  const known = new Map<string, number>()
  const positions: number[] = []
  let json = ''
  for (const target of targets) {
    const text = represent(target)
    let position = known.get(text)
    if (position === undefined) {
      position = known.size
      known.set(text, position)
      json += position === 0 ? text : `,${text}`
    }
    positions.push(position)
  }
  const body = `{"query":${query},"variables":{"representations":[${json}]}}`
  const { _entities: entities = [] } = await ask(pool, authorization, body)
  for (let index = 0; index < targets.length; index += 1) {
    Object.assign(targets[index] ?? {}, entities[positions[index] ?? -1])
  }
}

const userKey = ({ id }: User) => `{"__typename":"User","id":"${id}"}`
const productKey = ({ upc }: Product) => `{"__typename":"Product","upc":"${upc}"}`
const productWithSize = ({ upc, price, weight }: Product) =>
  `{"__typename":"Product","upc":"${upc}","price":${price},"weight":${weight}}`

const reviewsOf = (holders: readonly { reviews?: Review[] }[]): Review[] =>
  holders.flatMap((holder) => holder.reviews ?? [])
const productsOf = (list: readonly Review[]): Product[] => list.map(({ product }) => product as Product)
const authorsOf = (list: readonly Review[]): User[] => list.map(({ author }) => author as User)

async function extendProducts(authorization: string, targets: readonly Product[]): Promise<void> {
  const described = extend(products, authorization, PRODUCT, targets, productKey)
  const stock = extend(inventory, authorization, STOCK, targets, productKey)
  await described
  await extend(inventory, authorization, SHIPPING, targets, productWithSize)
  await stock
}

async function small(authorization: string): Promise<unknown> {
  return ask(accounts, authorization, SMALL)
}

async function middle(authorization: string): Promise<unknown> {
  const { me } = await ask(accounts, authorization, ME)
  if (me === undefined) throw new Error('no me')
  await extend(reviews, authorization, OWN_REVIEWS, [me], userKey)
  const bought = productsOf(me.reviews ?? [])
  await Promise.all([
    extend(inventory, authorization, STOCK, bought, productKey),
    extend(products, authorization, PRODUCT, bought, productKey),
  ])
  const { id, username, name } = me
  const shown = (me.reviews ?? []).map(({ id, body, product }) => {
    const { upc, name, price, weight, inStock } = product as Product
    return { id, body, product: { upc, name, price, weight, inStock } }
  })
  return { me: { id, username, name, reviews: shown } }
}

async function deep(authorization: string): Promise<unknown> {
  const [users, topProducts] = await Promise.all([deepUsers(authorization), deepProducts(authorization)])
  return { users: users.map(showUser), topProducts: topProducts.map(showProduct) }
}

async function deepUsers(authorization: string): Promise<User[]> {
  const { users = [] } = await ask(accounts, authorization, USERS)
  await extend(reviews, authorization, USER_REVIEWS, users, userKey)
  const bought = productsOf(reviewsOf(users))
  const authors = authorsOf(reviewsOf(bought))
  await Promise.all([
    extendProducts(authorization, bought),
    extend(accounts, authorization, USER_NAME, authors, userKey),
    extendProducts(authorization, productsOf(reviewsOf(authors))),
  ])
  return users
}

async function deepProducts(authorization: string): Promise<Product[]> {
  const { topProducts = [] } = await ask(products, authorization, TOP)
  const stock = extend(inventory, authorization, STOCK_AND_SHIPPING, topProducts, productWithSize)
  await extend(reviews, authorization, PRODUCT_REVIEWS, topProducts, productKey)
  const authors = authorsOf(reviewsOf(topProducts))
  await Promise.all([
    extend(accounts, authorization, USER_NAME, authors, userKey),
    extendProducts(authorization, productsOf(reviewsOf(authors))),
  ])
  await stock
  return topProducts
}

function showUser({ id, username, name, reviews }: User): object {
  return { id, username, name, reviews: reviews?.map(showReview) }
}

function showReview({ id, body, author, product }: Review): object {
  if (author !== undefined) return { id, body, author: showUser(author) }
  return { id, body, product: showProduct(product as Product) }
}

function showProduct({ inStock, name, price, shippingEstimate, upc, weight, reviews }: Product): object {
  const shown = { inStock, name, price, shippingEstimate, upc, weight }
  return reviews === undefined ? shown : { ...shown, reviews: reviews.map(showReview) }
}

const programs = new Map([
  [rootQuery(queries.small), small],
  [rootQuery(queries.middle), middle],
  [rootQuery(queries.deep), deep],
])

createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8')
  request.on('data', (chunk) => (body += chunk))
  request.on('end', () => {
    const program = programs.get(body)
    if (program === undefined) return response.writeHead(400).end()
    void program(request.headers.authorization ?? '').then((data) => {
      const json = JSON.stringify({ data })
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) })
        .end(json)
    })
  })
}).listen(port, '127.0.0.1')
