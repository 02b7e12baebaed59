import type { Person } from '../domain/people.js'
import type { Profile } from '../domain/profile.js'

export type UserModel = Person

export type UserProfileModel = Profile
