/**
 * The command line that starts a program with mounts and processes of its own. What it mounts nobody else sees, and when
 * it ends, however that comes about, Linux ends whatever it has started and takes the mounts down. It ends with the
 * process that started it.
 */
export function inNamespaces(program: string, ...args: string[]): [string, string[]] {
  return [
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child', program, ...args],
  ];
}

/** As much of /dev, /proc and /sys as a machine has. Then the tree takes the place of the root, as at a boot. */
const ENTER = `
cd "$1"
mount --rbind . .
cd "$1"
mount -t proc proc proc
mount --rbind /sys sys
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do : > dev/$device; mount --bind /dev/$device dev/$device; done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mkdir -p .outside
pivot_root . .outside
cd /
umount -l .outside
rmdir .outside
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec bash -c 'cd "$1" && eval "$2"; exit $?' bash "$2" "$3"
`;

/** The command line that runs a command for bash in a tree that holds a whole system, in a folder of that. */
export function inTree(tree: string, folder: string, command: string): [string, string[]] {
  return inNamespaces('sh', '-ec', ENTER, 'sh', tree, folder, command);
}
