// Runs before `npm start` and `npm test`, so it may use nothing that is not in Node itself.
import { spawnSync } from 'child_process';
import { createHash } from 'crypto';
import { existsSync, readFileSync, writeFileSync } from 'fs';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.jiandu-stamp');

requireNode(20, 19);
const lock = readFileSync(join(root, 'package-lock.json'));
const wanted = createHash('sha256').update(lock).digest('hex');
if (read(stamp) !== wanted) {
  if (!installedMatches(JSON.parse(lock.toString('utf8')))) install();
  writeFileSync(stamp, wanted);
}

function requireNode(major, minor) {
  const [haveMajor = 0, haveMinor = 0] = process.versions.node.split('.').map(Number);
  if (haveMajor > major || (haveMajor === major && haveMinor >= minor)) return;
  fail(`需要 Node ${major}.${minor} 或更新版本，当前是 ${process.versions.node}。`, 'nvm install 22');
}

/** Whether what npm itself recorded as installed is what the lock names; parts for other platforms may be absent. */
function installedMatches(wantedLock) {
  const recorded = read(join(root, 'node_modules', '.package-lock.json'));
  if (recorded === undefined) return false;
  const have = JSON.parse(recorded).packages;
  return Object.entries(wantedLock.packages).every(([path, { version, optional, peer }]) => {
    if (path === '') return true;
    const found = have[path];
    if (found === undefined) return optional === true || peer === true;
    return found.version === version && existsSync(join(root, path));
  });
}

/** A lock written where the registry lacked some platform's optional parts fails `ci`; `install` takes it, at the same versions. */
function install() {
  if (npm(['ci'], 'ignore') === 0) return;
  if (npm(['install', '--no-save'], 'inherit') !== 0) {
    fail('依赖包没有装好，原因见上面 npm 的输出。', 'npm install');
  }
}

function npm(args, errors) {
  const all = [...args, '--no-audit', '--no-fund'];
  const options = { cwd: root, stdio: ['ignore', 'inherit', errors] };
  const own = process.env.npm_execpath;
  return own === undefined
    ? spawnSync('npm', all, { ...options, shell: process.platform === 'win32' }).status
    : spawnSync(process.execPath, [own, ...all], options).status;
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function fail(sentence, command) {
  console.error(`✘ ${sentence}\n  请执行：${command}`);
  process.exit(1);
}
