/** The version of this program; stands in recovery points, in what it tells the Director, and in package.json. */
export const VERSION = '0.1.0';
