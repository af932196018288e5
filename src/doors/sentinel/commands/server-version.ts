/** What clients that ask for a version of Redis are told: the one whose Sentinel this door was compared with. */
export const SERVER_VERSION = '7.0.15';
