// Reads the command line and hands over to cli/; nothing else. Each command is loaded when it is called.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { explain } from './cli/complaint.ts'
import type { UpOptions } from './cli/up.ts'
import { versionLine } from './cli/version.ts'
import type { WorkOptions } from './cli/work.ts'
import { forTerminal } from './platform/printable.ts'

interface Common {
  data?: string
}

/** Runs a command: what it returns is the exit code, and a failure that people meet is one line. */
async function run(options: Common, command: () => Promise<number> | number): Promise<void> {
  try {
    process.exitCode = await command()
  } catch (error) {
    const text = explain(error, options.data)
    if (text === null) throw error
    console.error(`stackling: ${forTerminal(text)}`)
    process.exitCode = 1
  }
}

function realOrFake(value: string): string {
  if (value !== 'real' && value !== 'fake') throw new InvalidArgumentError('it is real or fake.')
  return value
}

const program = new Command('stackling')
  .description('A whole OpenStack in one process.')
  .showHelpAfterError("('./stackling help' shows all)")
  .version(versionLine(), '-V, --version')
  .addHelpText('after', readFileSync(join(import.meta.dirname, 'cli', 'examples.txt'), 'utf8'))
const command = (name: string, description: string) =>
  program.command(name).description(description).option('--data <dir>', 'where all state lies (default: ~/.stackling)')

command('up', 'set up what is missing, start, print where and how to log in')
  .option('--listen <addr:port>', 'address or name and port of the APIs', '127.0.0.1:9000')
  .option('--public-url <url>', 'how others reach the APIs, where it is not the address of --listen: https://cloud.example')
  .option('--s3-listen <addr:port|off>', 'address and port of the S3 API (default: the port after --listen, or the next free one)')
  .option('--no-resume', 'leave servers off that ran when the cloud or the machine stopped')
  .option('--drivers <real|fake>', 'real guests and networks, or simulated ones (default: real where possible)', realOrFake)
  .option('--database <url|file>', 'postgres://… instead of SQLite in the data directory, or a file that holds it (or STACKLING_DATABASE)')
  .option('--detach', 'return when every API answers, and go on in the background')
  .action((options: UpOptions & { detach?: boolean }) =>
    run(options, async () =>
      options.detach ? (await import('./cli/up-detached.ts')).upDetached(options) : (await import('./cli/up.ts')).up(options),
    ),
  )
command('down', 'stop everything that up started, guests gracefully').action((options: Common) =>
  run(options, async () => (await import('./cli/down.ts')).down(options)),
)
command('status', 'what runs, where, and how much it holds').action((options: Common) =>
  run(options, async () => (await import('./cli/status.ts')).status(options)),
)
command('why', 'what happened to a resource, and what it waits for')
  .argument('<what>', "the resource's id (also of one that is gone), its name or an address of it")
  .action((id: string, options: Common) => run(options, async () => (await import('./cli/why.ts')).why(id, options)))
command('work', 'work that was abandoned or is under way: list it, run it again, undo it')
  .addArgument(new Argument('[action]', 'what to do').choices(['list', 'retry', 'cancel']).default('list'))
  .argument('[id]', "the work's id, which the list and 'why' show")
  .addOption(new Option('--state <state>', 'what to list').choices(['dead', 'ready', 'running']).default('dead'))
  .option('--reason <text>', 'why it is cancelled: its resource shows it')
  .action((action: string, id: string | undefined, options: WorkOptions) =>
    run(options, async () => (await import('./cli/work.ts')).work(action, id, options)),
  )
command(
  'fsck',
  'compare rows with what is real and with each other; exit code 0: nothing differs, 1: something does, 2: one could not look',
)
  .option('--repair', 'mend what can be mended safely')
  .action((options: Common & { repair?: boolean }) => run(options, async () => (await import('./cli/fsck.ts')).fsck(options)))
command('password', 'give a user of the domain Default a new password; asks for no old one')
  .argument('[user]', 'whose', 'admin')
  .action((user: string, options: Common) => run(options, async () => (await import('./cli/password.ts')).password(user, options)))
command('doctor', 'what this machine has and lacks for a cloud').action((options: Common) =>
  run(options, async () => (await import('./cli/doctor.ts')).doctor(options)),
)
program
  .command('version')
  .description('the version, and what it runs on')
  .action(() => run({}, async () => (await import('./cli/version.ts')).version()))
program
  .command('test')
  .description('everything CI runs')
  .option('--only <text>', 'only suites and files whose name contains the text')
  .action((options: { only?: string }) => run({}, async () => (await import('./cli/test.ts')).test(options)))

// whoever reads what a command says may stop reading (`| head`): the command goes on to its end
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error // EIO: the terminal has closed
  })
}
// the product's timers do not keep a process running, and a command that waits for one must
const alive = setInterval(() => undefined, 60_000)
await program.parseAsync()
clearInterval(alive)
// what a command has left open does not keep it from ending
process.exit()
