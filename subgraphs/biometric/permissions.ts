import { allow, and } from 'graphql-shield'
import { createPermissions, hasAssurance, hasPermission } from '../../platform/graphql/permission-rules.js'

const isOperator = hasPermission('biometric:admin')
const signedInLately = hasAssurance('aal1', 300)

/**
 * Who may reach which field. Objects are open here because what leads to them is not: queries and mutations are guarded
 * below, reference resolvers and `User.biometricRecords` give only what is the caller's own.
 */
export const biometricPermissions = createPermissions({
  Query: {
    biometricConsent: hasPermission('biometric:read'),
    biometricRecord: hasPermission('biometric:read'),
    biometricRecords: hasPermission('biometric:read'),
    calibrations: hasPermission('biometric:read'),
    evaluateCalibration: hasPermission('biometric:admin'),
    anyVerificationSession: hasPermission('biometric:admin'),
    verificationPolicies: hasPermission('biometric:read'),
    verificationSession: hasPermission('biometric:read'),
    webhooks: isOperator,
    captureDevices: isOperator,
    galleries: hasPermission('biometric:identify'),
    gallery: hasPermission('biometric:identify'),
  },
  Mutation: {
    enrollBiometric: and(hasPermission('biometric:enroll'), signedInLately),
    renewBiometric: and(hasPermission('biometric:enroll'), signedInLately),
    deactivateBiometric: hasPermission('biometric:delete'),
    deleteBiometric: and(hasPermission('biometric:delete'), signedInLately),
    startVerification: hasPermission('biometric:verify'),
    submitVerificationFrame: hasPermission('biometric:verify'),
    cancelVerification: hasPermission('biometric:verify'),
    verifyBiometric: hasPermission('biometric:verify'),
    liftBiometricLimits: hasPermission('admin:users'),
    defineVerificationPolicy: hasPermission('biometric:admin'),
    retireVerificationPolicy: hasPermission('biometric:admin'),
    registerCaptureDevice: and(isOperator, signedInLately),
    disableCaptureDevice: isOperator,
    registerWebhook: and(isOperator, signedInLately),
    rotateWebhookSecret: and(isOperator, signedInLately),
    disableWebhook: isOperator,
    importCalibration: hasPermission('biometric:admin'),
    withdrawCalibration: hasPermission('biometric:admin'),
    createGallery: hasPermission('biometric:identify'),
    deleteGallery: hasPermission('biometric:identify'),
    addToGallery: hasPermission('biometric:identify'),
    removeFromGallery: hasPermission('biometric:identify'),
    identifyBiometric: hasPermission('biometric:identify'),
  },
  User: { '*': allow },
  BiometricRecord: { '*': allow },
  BiometricRecordConnection: { '*': allow },
  BiometricRecordEdge: { '*': allow },
  PageInfo: { '*': allow },
  VerificationSession: { '*': allow },
  VerificationResult: { '*': allow, comparison: hasPermission('biometric:admin') },
  VerificationComparison: { '*': hasPermission('biometric:admin') },
  Calibration: { '*': allow },
  CalibrationEvaluation: { '*': allow },
  EqualErrorRate: { '*': allow },
  ErrorRates: { '*': allow },
  ErrorRate: { '*': allow },
  RateInterval: { '*': allow },
  VerificationPolicy: { '*': allow },
  CaptureDevice: { '*': allow },
  Webhook: { '*': allow },
  Gallery: { '*': allow },
  GalleryConnection: { '*': allow },
  GalleryEdge: { '*': allow },
  Identification: { '*': allow },
  IdentificationCandidate: { '*': allow },
  WebhookSecret: { '*': allow },
})
