import { isFailure } from '@backhaul/domain';
import { describe, expect, test } from '@jest/globals';
import { checkEndpoints, GLOBAL_ENDPOINTS } from '../src/index.ts';

function refusal(loginUrl: string, graphUrl: string, allowed: string[] = []): Record<string, string> {
  try {
    checkEndpoints({ loginUrl, graphUrl }, allowed);
  } catch (error) {
    if (isFailure(error, 'invalid-input')) return { ...error.where, hint: error.hint ?? '' };
    throw error;
  }
  throw new Error('accepted');
}

describe('the endpoints of a tenant', () => {
  test.each([
    ['https://login.microsoftonline.com', 'https://graph.microsoft.com', 'global'],
    ['https://login.microsoftonline.us', 'https://graph.microsoft.us', 'us-government'],
    ['https://login.microsoftonline.us/', 'https://dod-graph.microsoft.us/', 'us-government-dod'],
    ['https://login.partner.microsoftonline.cn', 'https://microsoftgraph.chinacloudapi.cn', 'china'],
    ['https://login.chinacloudapi.cn', 'https://microsoftgraph.chinacloudapi.cn', 'china'],
  ])('%s and %s are the cloud %s', (loginUrl, graphUrl, cloud) => {
    expect(checkEndpoints({ loginUrl, graphUrl }).cloud).toBe(cloud);
  });

  test('are brought into their plain form', () => {
    const urls = { loginUrl: ' https://LOGIN.microsoftonline.com/ ', graphUrl: 'https://graph.microsoft.com:443' };
    expect(checkEndpoints(urls)).toMatchObject(GLOBAL_ENDPOINTS);
  });

  test('may be others only where the host’s configuration allows it', () => {
    const own = ['https://localhost:9001', 'https://localhost:9002'] as const;
    expect(refusal(...own)).toMatchObject({ field: 'graphUrl' });
    expect(refusal(...own, ['localhost:9002'])).toMatchObject({ field: 'loginUrl' });
    expect(refusal(...own, ['localhost'])).toMatchObject({ field: 'graphUrl' });
    expect(checkEndpoints({ loginUrl: own[0], graphUrl: own[1] }, ['localhost:9001', 'localhost:9002'])).toEqual({
      loginUrl: own[0],
      graphUrl: own[1],
      cloud: 'custom',
      linkHosts: ['localhost:9002'],
    });
  });

  test('of two clouds do not go together; the right one is named', () => {
    const refused = refusal('https://login.microsoftonline.com', 'https://graph.microsoft.us');
    expect(refused).toMatchObject({ field: 'loginUrl' });
    expect(refused['hint']).toContain('https://login.microsoftonline.us');
  });

  test.each([
    'http://graph.microsoft.com',
    'https://graph.microsoft.com.evil.example',
    'https://evil.example/graph.microsoft.com',
    'https://graph.microsoft.com/v1.0',
    'https://user:pass@graph.microsoft.com',
    'https://graph.microsoft.com?x=1',
    'graph.microsoft.com',
    '',
  ])('never are %p', (graphUrl) => {
    expect(refusal('https://login.microsoftonline.com', graphUrl)).toMatchObject({ field: 'graphUrl' });
  });
});
