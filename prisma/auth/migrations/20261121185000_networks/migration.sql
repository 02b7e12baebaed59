-- Messages are counted by the network they are asked for from: those of the last day before this count for no network.
ALTER TABLE "sms_codes" ADD COLUMN     "network" TEXT NOT NULL DEFAULT '';
