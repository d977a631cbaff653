/** The addresses of the invented Internet: those set aside for documentation and benchmarks, and Spaces' own of the incident. */
export const internet = {
  gateway: '203.0.113.10',
  /** The incident's address; it lies in 134.199.128.0/20. */
  spaces: '134.199.128.128',
  control: '198.18.0.80',
  resolver: '198.18.0.53',
  port: 8080,
  proxyPort: 3128,
  /** The router's address on the clinic's network, and the computer's. */
  router: '10.77.0.1',
  computer: '10.77.0.2',
  /** Of the clinic's network too, and nobody has it. */
  nobody: '10.77.0.9',
} as const;

/** What a computer in there is told to look at. */
export interface Targets {
  gateway: string;
  spaces?: string;
  controls?: { httpTarget?: string; resolver?: string };
  proxies?: { host: string; port: number }[];
}
